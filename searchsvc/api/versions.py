"""Versions of articles, stories, and what differs between two articles, as JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from searchsvc.analysis.differences import Run
from searchsvc.api import version_schema
from searchsvc.api.schema import Index
from searchsvc.api.serialize import metadata
from searchsvc.index.stories import Stories

if TYPE_CHECKING:
    from searchsvc.search.versions import Comparison, LargeStory, Versions


def versions_json(found: "Versions") -> version_schema.Versions:
    """Return the JSON of a page of the versions of an article."""
    results = tuple(
        version_schema.Version(**vars(metadata(article)), shared=round(shared, 3)) for article, shared in found.versions
    )
    return version_schema.Versions(found.article.id, found.story, found.total, found.page, found.pages, results)


def stories_json(found: "Iterable[LargeStory]", archive: Stories, about: Index) -> version_schema.Stories:
    """Return the JSON of the stories of most versions, of all those of an archive."""
    results = tuple(version_schema.Story(each.id, versions, metadata(each)) for each, versions in found)
    return version_schema.Stories(len(archive), archive.articles, about, results)


def diff_json(found: "Comparison") -> version_schema.Diff:
    """Return the JSON of what differs between two articles."""
    one, other = (metadata(article) for article in (found.one, found.other))
    runs = tuple(_run(run, found) for run in found.differences.runs)
    return version_schema.Diff(one, other, round(found.shared, 3), found.differences.complete, runs)


def _run(run: Run, found: "Comparison") -> version_schema.Run:
    if run.kind == "insert":
        return version_schema.Run(run.kind, found.other.body[slice(*run.span)], None, run.span)
    return version_schema.Run(run.kind, found.one.body[slice(*run.span)], run.span, run.other)
