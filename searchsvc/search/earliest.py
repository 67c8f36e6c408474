"""The earliest versions of hits, which need not match the search themselves."""

from collections.abc import Mapping, Sequence

from searchsvc.engines.protocol import Engine
from searchsvc.model.article import Article
from searchsvc.model.results import Hit


def earliest_versions(engine: Engine, hits: Sequence[Hit]) -> Mapping[str, Article]:
    """Return the earliest versions of some hits by their ids, without those that are hits themselves.

    Articles that stand under a hit are not read again, and the others in one call.
    """
    known = {hit.story: each for hit in hits for each in hit.others.first if each.id == hit.story}
    stories = dict.fromkeys(hit.story for hit in hits if hit.versions > 1 and hit.story != hit.article.id)
    read = engine.get_all([story for story in stories if story not in known])
    return known | {each.id: each for each in read}
