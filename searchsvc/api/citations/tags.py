"""What the page of an article says of it in its head: tags for Zotero and Google Scholar, and JSON-LD (schema.org)."""

from collections.abc import Iterator
from typing import Any

from searchsvc.api.citations.fields import address_of, line
from searchsvc.api.citations.names import Name, names_of
from searchsvc.model.article import Article
from searchsvc.model.languages import language_tag


def meta_tags(article: Article, address: str = "") -> Iterator[tuple[str, str]]:
    """Yield the names and contents of tags: Highwire Press's, and for what these lack, Dublin Core's.

    `citation_journal_title` would make it an article of a scholarly journal.
    """
    yield "citation_title", line(article.title)
    yield from (("citation_author", name.inverted()) for name in names_of(article))
    if article.date is not None:
        yield "citation_publication_date", article.date.isoformat().replace("-", "/")
    yield "citation_public_url", address_of(article, address)
    if language := language_tag(article.language):
        yield "citation_language", language
    yield from (("citation_keywords", line(tag)) for tag in article.tag)
    if article.source:
        yield "DC.type", "newsItem"
        yield "DC.source", line(article.source)


def json_ld(article: Article, address: str = "") -> dict[str, Any]:
    """Return the article in terms of schema.org, without what is not known."""
    day = article.published or article.date
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle" if article.source else "Article",
        "headline": line(article.title),
        "author": list(map(_author, names_of(article))),
        "datePublished": day.isoformat() if day else None,
        "publisher": {"@type": "Organization", "name": line(article.source)} if article.source else None,
        "articleSection": line(article.section),
        "keywords": list(map(line, article.tag)),
        "inLanguage": language_tag(article.language),
        "url": address_of(article, address),
    }
    return {name: value for name, value in described.items() if value}


def _author(name: Name) -> dict[str, str]:
    if name.is_organisation:
        return {"@type": "Organization", "name": name.family}
    parts = {"@type": "Person", "name": name.natural()}
    return parts if name.is_whole else parts | {"familyName": name.last, "givenName": name.given}
