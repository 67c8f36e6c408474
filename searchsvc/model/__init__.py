"""Values that the other packages exchange: articles, results, periods, cursors and languages.

They are frozen, do no input or output, and know no other package. Requests and trees are in `query`, JSON is in `api`.
"""

from searchsvc.model.article import Article
from searchsvc.model.periods import Period
from searchsvc.model.results import DateFacet, FieldFacet, Hit, Results, Snippet

__all__ = ["Article", "DateFacet", "FieldFacet", "Hit", "Period", "Results", "Snippet"]
