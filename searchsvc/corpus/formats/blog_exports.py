"""Exports of blogs, which are feeds that also hold drafts, attachments and comments: those of WordPress and Blogger."""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from searchsvc.corpus.formats.feed_elements import child_text, name
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date

BLOGGER_KIND = "http://schemas.google.com/blogger/2008/kind#"  # and post, page, comment, template or settings
_POSTS = ("post", "page")
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|playlist|vc_\w+|et_pb_\w+)\b[^\[\]]*\]")


def reason_to_pass_over(entry: etree._Element) -> str:
    """Return what an entry is, such as `draft` or `attachment`. Return "" if it is a published post or page."""
    fields = {name(child): (child.text or "").strip() for child in entry}
    kind = fields.get("wp:post_type") or fields.get("blogger:type", "").lower() or _blogger_kind(entry) or "post"
    if kind not in _POSTS:
        return kind
    status = fields.get("wp:status") or fields.get("blogger:status", "").lower() or _atom_status(entry)
    if status not in ("publish", "live"):
        return status
    return "protected" if fields.get("wp:post_password") else ""


def _blogger_kind(entry: etree._Element) -> str:
    terms = (child.get("term", "") for child in entry if name(child) == "category")
    return next((term.removeprefix(BLOGGER_KIND) for term in terms if term.startswith(BLOGGER_KIND)), "")


def _atom_status(entry: etree._Element) -> str:
    """Return the status of an entry by the publishing protocol of Atom (RFC 5023)."""
    controls = (child for child in entry if name(child) == "app:control")
    return "draft" if any(child_text(control, "app:draft") == "yes" for control in controls) else "publish"


def is_wordpress(entry: etree._Element) -> bool:
    """Return whether an entry is of an export of WordPress."""
    return any(name(child) == "wp:post_type" for child in entry)


def wordpress_authors(channel: etree._Element) -> Mapping[str, str]:
    """Return the name of each author by the name under which they log in."""
    authors = (child for child in channel if name(child) == "wp:author")
    return {child_text(each, "wp:author_login"): child_text(each, "wp:author_display_name") for each in authors}


def wordpress_fields(entry: etree._Element, authors: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a post that are more than those of a feed.

    Comments, which name people and their addresses, and what plug-ins keep are left out.
    """
    categories = [child for child in entry if name(child) == "category" and child.get("nicename") != "uncategorized"]
    creator = child_text(entry, "dc:creator")
    fields = {
        "date": _post_date(entry),
        "author": authors.get(creator) or creator,
        "section": next((each.text for each in categories if each.get("domain") == "category"), None),
        "tag": [each.text for each in categories if each.text],
    }
    return {field: value for field, value in fields.items() if value}


def remove_shortcodes(html: str) -> str:
    """Return the text of a post without the commands in brackets that WordPress replaces by galleries and the like."""
    return _SHORTCODE.sub(" ", html)


def _post_date(entry: etree._Element) -> PublicationDate | None:
    """Return the day by the clock of the blog, with the instant that the time in UTC tells. Return None for no date."""
    local = parse_date(child_text(entry, "wp:post_date"))
    universal = parse_date(child_text(entry, "wp:post_date_gmt")) or parse_date(child_text(entry, "pubDate"))
    return PublicationDate(local.date, universal.published if universal else None) if local is not None else None
