"""A limit of the whole time that a server may take.

The timeouts of the standard library hold for each step of an answer, so that a server which sends a byte now and then could
take hours. At the deadline, the connection is shut down by another thread, and whoever reads from it gets an error.
"""

import socket
from contextlib import suppress
from threading import Lock, Timer


class Deadline:
    """Shuts down connections unless the block ends in time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.has_passed = False
        self._watched: list[socket.socket] = []
        self._lock = Lock()
        self._timer = Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    def connect(self, address: tuple[str, int], timeout: float, *_: object) -> socket.socket:
        """Connect to a host, at one of its addresses, and watch the connection. Raise OSError if that fails."""
        failure = OSError("no address")
        for _family, _type, _protocol, _name, found in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
            self.check()
            try:
                connection = socket.create_connection((str(found[0]), address[1]), timeout)
            except OSError as error:
                failure = error
            else:
                self.watch(connection)
                return connection
        raise failure

    def watch(self, connection: socket.socket) -> None:
        """Shut down this connection at the deadline, or now if it has passed."""
        # A descriptor of our own: encryption takes the socket's own away from it.
        own = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            self._watched.append(own)
            if self.has_passed:
                _shut_down(own)

    def check(self) -> None:
        """Raise TimeoutError if the deadline has passed: libraries take the end of a connection for the end of a line."""
        if self.has_passed:
            raise TimeoutError

    def _pass(self) -> None:
        with self._lock:
            self.has_passed = True
            for connection in self._watched:
                _shut_down(connection)


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side has ended it
        connection.shutdown(socket.SHUT_RDWR)
