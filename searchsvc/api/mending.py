"""Notes on what pages ignore or change of an address. They are for people, who do not know the names of parameters."""

from searchsvc.messages import Message
from searchsvc.query.request import MAX_PER_PAGE


def ignored(name: str, value: str) -> Message:
    """Return the note on a value that a parameter cannot have."""
    match name:
        case "page":
            return Message("“%(value)s” is not a page number, so this is the first page", value=value)
        case "per_page":
            return Message("“%(value)s” was ignored: a page shows 1 to %(most)s articles", value=value, most=MAX_PER_PAGE)
        case "sort":
            return Message("articles cannot be sorted by “%(value)s”, so they are in the usual order", value=value)
        case "match":
            return Message("“%(value)s” was ignored: articles can match all of the words, or any of them", value=value)
        case "cursor":
            return Message("“%(value)s” was ignored: it does not say where to continue the list", value=value)
        case "order":
            return Message("values cannot be sorted by “%(value)s”, so the most frequent come first", value=value)
        case "letter":
            return Message("“%(value)s” is not a first letter, so all values are shown", value=value)
        case "lang":
            return Message("there are no pages in the language “%(value)s”", value=value)
        case "from" | "to" | "date":
            return Message("“%(value)s” is not a date and was ignored: write 2022, 2022-12 or 2022-12-23", value=value)
        case _:
            return _ignored_of_view(name, value)


def _ignored_of_view(name: str, value: str) -> Message:
    """Return the note on a value that a parameter of trends, concordances or stories cannot have."""
    match name:
        case "unit":
            return Message("“%(value)s” was ignored: charts go by year, month, week or day", value=value)
        case "per":
            return Message("“%(value)s” was ignored: shares are of the archive, or of what the filters leave", value=value)
        case "left" | "right":
            return Message("“%(value)s” was ignored: lines are narrowed to one word before or after the match", value=value)
        case "versions":
            return Message("“%(value)s” was ignored: a search shows one article of each story, or all", value=value)
        case _:
            return Message("“%(value)s” was ignored: “%(name)s” has no such value", name=name, value=value)


def repeated(name: str, number: int) -> Message:
    """Return the note on a parameter that was given several times, and counts once."""
    return Message("the address has “%(name)s” %(number)s times: only the first one counts", name=name, number=number)


def unknown(name: str) -> Message:
    """Return the note on a parameter that does not exist."""
    return Message("“%(name)s” in the address was ignored, because it means nothing here", name=name)
