"""The words of questions that say nothing about their subject, as in “who was the first …?” and “articles about …”.

The table is for English, which is the only language that we have judged questions in. Leaving out each word that a third of
the articles have, in whatever language, was measured too and found less (`make relevance`, docs/benchmarks.md).
"""

from collections.abc import Mapping

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.query.ast import And, Boost, Node, Or, Term, conjunction, disjunction

_ARTICLES_AND_PRONOUNS = """a an the this that these those some any each both few more most other such own same all i me my
we our ours you your he him his she her hers it its they them their"""
_PREPOSITIONS_AND_CONJUNCTIONS = """and or but if of at by for with about against between into through during before after
above below to from up down in out on off over under upon as than so while until because not no nor only too very also again
then once here there further just now"""
_VERBS = """am is are was were be been being have has had having do does did doing can could will would shall should
must ought"""
_ENDINGS = "s t d ll m re ve don isn aren wasn weren doesn didn hasn haven hadn won wouldn couldn shouldn"  # of it's
_QUESTIONS = """what which who whom whose when where why how find give show tell looking want like know interested please
concerning regarding anything something article articles"""

_WORDS: Mapping[str, frozenset[str]] = {
    "english": frozenset(
        " ".join([_ARTICLES_AND_PRONOUNS, _PREPOSITIONS_AND_CONJUNCTIONS, _VERBS, _ENDINGS, _QUESTIONS]).split()
    )
}
"""Words as written and folded, by language."""


def without_question_words(tree: Node, analyzers: Analyzers) -> Node:
    """Return the tree without the alternatives that are words of this kind. If there are no others, they are kept."""
    match tree:
        case And(nodes):
            return conjunction(without_question_words(node, analyzers) if isinstance(node, Or) else node for node in nodes)
        case Or(nodes):
            in_capitals = all(text.isupper() for text in map(_word, nodes) if text)
            kept = [node for node in nodes if not _is_question_word(_word(node), analyzers, in_capitals)]
            return disjunction(kept) if kept else tree
        case _:
            return tree


def _word(node: Node) -> str:
    """Return the text of a plain word, or "" for other nodes."""
    term = node.node if isinstance(node, Boost) else node
    return term.text if isinstance(term, Term) else ""


def _is_question_word(text: str, analyzers: Analyzers, in_capitals: bool) -> bool:
    """Return whether a word is of this kind. In capitals, such as `WHO`, it is a name, unless all words are."""
    if text.isupper() and len(text) > 1 and not in_capitals:
        return False
    tokens = analyzers.main.tokens(text)
    return bool(tokens) and any(_WORDS.get(each.language, frozenset()).issuperset(tokens) for each in analyzers)
