"""The OpenAPI 3.1 document of the API, built from the table of operations and the schema of their answers."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from searchsvc import __version__
from searchsvc.api import schema
from searchsvc.api.filters import spell_name
from searchsvc.api.parameter_reader import DATES, NONE
from searchsvc.web.operations import COMMON_PROBLEMS, JSON, OUTCOMES, PROBLEMS, TAGS, Body, Operation, Parameter, Schema


def document(
    title: str, operations: Sequence[Operation], prefix: str = "", fields: Collection[str] = (), *, private: bool = False
) -> dict[str, Any]:
    """Return the OpenAPI document of some operations as JSON data. `prefix` precedes their paths.

    Operations that read need a token if the archive is `private`. `fields` are the metadata fields that filters can name.
    """
    naming = _naming(fields)
    info = {
        "title": f"{title}: search",
        "version": __version__,
        "summary": "Full-text search of an archive of articles.",
        "license": {"name": "MIT", "identifier": "MIT"},
    }
    used = sorted(
        {status for each in operations for status in _problem_statuses(each)} - {404}
    )  # which says what is missing
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": prefix or "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": {
            path: {each.method: _operation(each, private, naming) for each in operations if each.path == path}
            for path in dict.fromkeys(each.path for each in operations)
        },
        "components": {
            "schemas": _schemas(_models(operations)),
            "responses": {PROBLEMS[status][0]: _problem(PROBLEMS[status][1]) for status in sorted(used)},
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer", "description": "The read or write token."}},
        },
    }


_MAX_LISTED_FIELDS = 100
_TOKEN = "token"  # noqa: S105  the name of a scheme
_IN_PATHS = {
    "id": "The article's id, percent-encoded.",
    "field": "The name of the field.",
    "alert": "The name of the alert, percent-encoded.",
}
_REQUIRED = {"Hit": ["id", "title"], "Highlighted": []}
"""Members that are always there, of those schemas of which a request chooses the others."""


def _models(operations: Sequence[Operation]) -> frozenset[type]:
    return frozenset({each.answer for each in operations if not isinstance(each.answer, str)} | {schema.Problem})


@cache  # building them takes longer than a search
def _schemas(models: frozenset[type]) -> dict[str, Any]:
    """Return the schemas of all answers, and of those in them. Answers have all of their members."""
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = TypeAdapter.json_schemas(
        [(model, "serialization", TypeAdapter(model)) for model in ordered], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Any] = _with_plain_pairs(definitions["$defs"])
    for name, each in found.items():
        each["additionalProperties"] = False
        each["required"] = _REQUIRED.get(name, list(each["properties"]))
    if "SearchAnswer" in found:
        facets = found["SearchAnswer"]["properties"]["facets"]["items"]
        kinds = {"values": "ValuesFacet", "dates": "DatesFacet"}
        mapping = {kind: f"#/components/schemas/{name}" for kind, name in kinds.items()}
        facets["oneOf"] = facets.pop("anyOf")
        facets["discriminator"] = {"propertyName": "kind", "mapping": mapping}
    return found


def _with_plain_pairs(described: Any) -> Any:
    """Return a schema whose pairs of numbers are arrays. Generators of clients stumble over `prefixItems`."""
    if isinstance(described, list):
        return [_with_plain_pairs(each) for each in described]
    if not isinstance(described, dict):
        return described
    plain = {name: _with_plain_pairs(each) for name, each in described.items() if name != "prefixItems"}
    return plain | ({"items": described["prefixItems"][0]} if "prefixItems" in described else {})


def _problem_statuses(each: Operation) -> list[int]:
    unauthorized = [] if each.access == "none" else [401]
    return sorted({*COMMON_PROBLEMS, *unauthorized, *([404] if each.missing else []), *each.others})


def _operation(each: Operation, private: bool, naming: Mapping[str, Schema]) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string", "minLength": 1}}
        for name, text in _IN_PATHS.items()
        if f"{{{name}}}" in each.path
    ]
    problems = {str(status): _reference("responses", PROBLEMS[status][0]) for status in _problem_statuses(each)}
    problems |= {"404": _problem(each.missing)} if each.missing else {}
    answers = {str(status): {"description": OUTCOMES.get(status, f"{each.summary}.")} for status in each.statuses}
    needs_token = each.access == "write" or (private and each.access == "read")
    described = {
        "operationId": each.name,
        "summary": each.summary,
        "tags": [each.tag],
        "security": [{_TOKEN: []}] if needs_token else [],
        "parameters": [*in_path, *(_parameter(parameter, naming) for parameter in each.parameters)],
        "responses": {status: answer | {"content": _content(each.answer)} for status, answer in answers.items()} | problems,
    }
    return described | ({"requestBody": _body(each.body, naming)} if each.body else {})


def _naming(fields: Collection[str]) -> Mapping[str, Schema]:
    """Return the schemas of the parameters that name fields. Patterns list the fields, unless these are very many."""
    if not 0 < len(fields) <= _MAX_LISTED_FIELDS:
        return {}
    names = "|".join(re.sub(r"[\\^$.|?*+()\[\]{}/]", r"\\\g<0>", spell_name(name)) for name in sorted(fields))
    return {
        "filter": {"type": "string", "pattern": rf"^-?({names}):([^\\]|\\[\s\S])"},
        "facet": {"type": "string", "pattern": rf"^({DATES}|{NONE}|{names})$"},
    }


def _body(body: Body, naming: Mapping[str, Schema]) -> dict[str, Any]:
    content = {media_type: {"schema": _with_names(described, naming)} for media_type, described in body.content.items()}
    return {"required": True, "description": body.description, "content": content}


def _with_names(described: Schema, naming: Mapping[str, Schema]) -> Schema:
    properties = described.get("properties", {})
    known = {name: {**properties[name], "items": items} for name, items in naming.items() if name in properties}
    return {**described, "properties": {**properties, **known}} if known else dict(described)


def _parameter(each: Parameter, naming: Mapping[str, Schema]) -> dict[str, Any]:
    schema = {**each.schema, "items": naming[each.name]} if each.name in naming else each.schema
    described: dict[str, Any] = {"name": each.name, "in": "query", "description": each.description, "schema": schema}
    described |= {"required": True} if each.required else {}
    return described | ({"style": "form", "explode": True} if each.schema.get("type") == "array" else {})


def _content(answer: type | str) -> dict[str, Any]:
    if isinstance(answer, str) and answer.endswith("+json"):
        return {answer: {"schema": {"type": "array", "items": {"type": "object"}}}}
    if isinstance(answer, str):  # a stream; generated clients for Python fail on text that is called binary
        return {answer: {"schema": {"type": "string"} | ({} if answer.startswith("text/") else {"format": "binary"})}}
    return {JSON: {"schema": _reference("schemas", answer.__name__)}}


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference("schemas", schema.Problem.__name__)}}
    return {"description": description, "content": content}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
