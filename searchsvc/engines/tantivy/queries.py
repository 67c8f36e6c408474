"""Combinations of Tantivy's queries."""

from tantivy import Occur, Query

_OTHERS_WEIGHT = 0.3  # weight of the forms of a word in title and body besides the one that scores best


def unscored(query: Query) -> Query:
    """Return the same query with a score of zero."""
    return Query.const_score_query(query, 0.0)


def disjunction(queries: list[Query]) -> Query:
    """Return a query that matches if at least one of these does."""
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def best_of(queries: list[Query]) -> Query:
    """Return a query that matches if one of these does, scored as the best of them and a part of the others."""
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, _OTHERS_WEIGHT)


def conjunction(queries: list[Query]) -> Query:
    """Return a query that matches if all of these do."""
    return boolean(queries, [])


def boolean(must: list[Query], must_not: list[Query]) -> Query:
    """Return a flat query for all of `must` and none of `must_not`. Tantivy overflows its stack on deep chains."""
    if len(must) == 1 and not must_not:
        return must[0]
    required = [(Occur.Must, query) for query in must or [Query.all_query()]]  # exclusions alone would find nothing
    return Query.boolean_query(required + [(Occur.MustNot, query) for query in must_not])
