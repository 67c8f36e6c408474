"""The ids of articles that share the id that their files give them.

If an id such as `17` stands for different articles in several files, the first of them keeps it. Each of the others gets an
alias that names its file, such as `17@2024/feb.csv`. An alias also leads to an article that needs none any more.
"""

from collections.abc import Iterator


def alias(article_id: str, path: str) -> str:
    """Return the id of the article that the file at `path` calls `article_id`, if it has to share it."""
    return f"{article_id}@{path}"


def origins(article_id: str) -> Iterator[tuple[str, str]]:
    """Yield each pair of an id and a path of which `article_id` may be the alias."""
    at = article_id.find("@", 1)
    while at > 0:
        if at + 1 < len(article_id):
            yield article_id[:at], article_id[at + 1 :]
        at = article_id.find("@", at + 1)
