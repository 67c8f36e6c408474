"""Which facets an archive has unless its settings choose them: fields whose values help to narrow a search."""

from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import METADATA
from searchsvc.search.remembered import MAX_VALUES

MAX_DEFAULT_FACETS = 8
MANY_VALUES = 5_000  # of a field that programs are told of only if they ask for it: counting takes as long as the search
_MOST_DISTINCT = 0.9  # of the values of numbers: where nearly all are different, they are likely to be serial numbers


def helpful_facets(info: GenerationInfo) -> tuple[str, ...]:
    """Return up to eight fields with several values, but fewer than articles. The most frequent own fields come first."""
    known = [name for name in METADATA if name in info.fields and 1 < info.fields[name][1] < max(info.fields[name][0], 50)]
    own = [name for name, (articles, values) in info.fields.items() if 1 < values <= articles // 2 and name not in METADATA]
    own.sort(key=lambda name: (-info.fields[name][0], name))
    return (*known, *own)[:MAX_DEFAULT_FACETS]


def many_valued(info: GenerationInfo) -> tuple[str, ...]:
    """Return own fields with too many values to be of help as a list, but fewer than articles, the most frequent first."""
    found = [
        (-articles, name)
        for name, (articles, values) in info.fields.items()
        if name not in METADATA and articles // 2 < values <= min(articles * _MOST_DISTINCT, MAX_VALUES)
    ]
    return tuple(name for _, name in sorted(found)[:MAX_DEFAULT_FACETS])
