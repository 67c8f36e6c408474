"""What can go wrong, in two families.

SearchsvcError
├── UserError            the asker's own: safe to show, says what, where and what to do (HTTP 400, exit 2)
│   ├── ConflictError    something else that goes on stands in the way (HTTP 409)
│   └── NotFoundError    what was asked for does not exist (HTTP 404)
└── ServiceError         ours: logged; the asker learns that and what the operator can do (HTTP 500 or 503, exit 1)
    ├── BusyError        another process is writing the index
    ├── EngineError      the engine failed on this request
    ├── UnavailableError what answers does not, for the moment (HTTP 503)
    └── NoIndexError     there is no index that can answer (HTTP 503)
"""

RECOVERY_ADVICE = "go back with `searchsvc rollback`, or build it anew with `searchsvc reindex --full`"
"""What to do about a damaged generation."""


class SearchsvcError(Exception):
    """Base of every error that this package raises on purpose."""


class UserError(SearchsvcError):
    """A request that cannot be answered as it was made.

    `param` names the parameter, option or field at fault, `hint` the nearest right one, and `position` is where in its text
    the fault is, in characters from 0; each is None where there is none.
    """

    def __init__(
        self, detail: str, *, param: str | None = None, hint: str | None = None, position: int | None = None
    ) -> None:
        super().__init__(detail)
        self.param = param
        self.hint = hint
        self.position = position


class ConflictError(UserError):
    """What was asked for cannot be done while something else goes on."""


class NotFoundError(UserError):
    """The article, or other thing, that was asked for does not exist."""


class ServiceError(SearchsvcError):
    """A fault on our side, with a message that an operator can act on."""


class EngineError(ServiceError):
    """The engine could not do what it was asked to; the library's own words are in the message."""


class BusyError(ServiceError):
    """Another process is writing the index: what was asked for can be done when it is done."""


class UnavailableError(ServiceError):
    """What finds the articles does not answer for the moment: the same request may be answered soon."""


class NoIndexError(ServiceError):
    """There is no generation that can answer: none was published, or this version cannot read it."""
