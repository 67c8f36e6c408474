"""Exceptions, in two families: errors of the user and errors of the service.

SearchsvcError
├── UserError             the request is invalid; the message is shown to the user (HTTP 400, exit status 2)
│   ├── ConflictError     another operation is in progress (HTTP 409)
│   ├── NotFoundError     the article or field does not exist (HTTP 404)
│   └── OverloadError     too much of this kind is in progress (HTTP 503)
└── ServiceError          the service failed; the message is for its operator (HTTP 500, exit status 1)
    ├── BusyError         another process is writing the index
    ├── EngineError       the engine failed
    ├── UnavailableError  the engine cannot be reached at the moment (HTTP 503)
    └── NoIndexError      there is no index, or it cannot be read (HTTP 503)
"""

from searchsvc.messages import Message

RECOVERY_ADVICE = "go back with `searchsvc rollback`, or rebuild it with `searchsvc reindex --full`"
"""Advice for a damaged generation."""
OTHER_VERSION = Message("the index was made by another version of searchsvc: run `searchsvc reindex` to rebuild it")
DAMAGED = Message("the index is damaged: go back with `searchsvc rollback`, or rebuild it with `searchsvc reindex --full`")
"""Messages for clients, which name no path."""


class SearchsvcError(Exception):
    """The base of all errors that this package raises. Its message says what is wrong and what to do about it."""

    @property
    def public(self) -> str:
        """The message for clients over HTTP, a `Message` if it can be translated."""
        return str(self) if len(self.args) != 1 else self.args[0]


class UserError(SearchsvcError):
    """An invalid request. The message says what is wrong and what to do about it.

    `param` names the parameter, option or field at fault, and `hint` the nearest valid name or value. `position` is the
    position of the fault in the value, in characters from 0. Each is None if it does not apply.
    """

    def __init__(
        self, detail: str, *, param: str | None = None, hint: str | None = None, position: int | None = None
    ) -> None:
        super().__init__(detail)
        self.param = param
        self.hint = hint
        self.position = position


class ConflictError(UserError):
    """A request that cannot be carried out while another operation is in progress."""


class NotFoundError(UserError):
    """A request for something that does not exist, such as an article."""


class OverloadError(UserError):
    """A request of a kind of which as many as possible are in progress. The same request may succeed later."""


class ServiceError(SearchsvcError):
    """A fault of the service, with a message that its operator can act on.

    A message that names paths or machines of the server needs a `public` one without them.
    """

    def __init__(self, detail: str, *, public: str = "") -> None:
        super().__init__(detail)
        self._public = public

    @property
    def public(self) -> str:
        """The message for clients over HTTP, which names no path or machine of the server."""
        return self._public or super().public


class EngineError(ServiceError):
    """A failure of the engine. The message contains that of the library."""


class BusyError(ServiceError):
    """The index is locked by another process that is writing it. Retry when that has finished."""


class UnavailableError(ServiceError):
    """The engine cannot be reached at the moment. The same request may succeed later."""


class NoIndexError(ServiceError):
    """No generation can answer: none is published, or this version cannot read the live one."""
