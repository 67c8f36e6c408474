"""Configuration of the gunicorn that `searchsvc serve` starts. Settings come from the environment."""

import ctypes
import gc
import os
import signal
import webbrowser
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from searchsvc.config import Settings, settings_of
from searchsvc.errors import SearchsvcError
from searchsvc.hosts import authority, is_loopback
from searchsvc.logs import log_everything, logging_config
from searchsvc.search.service import SearchService
from searchsvc.web.alerts import FollowerProcess
from searchsvc.web.worker import STOP_SIGNALS, part_of

_M_ARENA_MAX = -8  # of mallopt(3)
_settings = settings_of(os.environ, serving=True)
bind = authority(_settings.host, _settings.port)
worker_class = "searchsvc.web.worker.BufferedRequestWorker"  # threads: Tantivy releases the GIL while it searches
workers = _settings.worker_count
threads = _settings.threads
preload_app = True  # workers share the memory of loaded modules, their metrics and rate limits
timeout = 30
max_requests = 50_000  # a new process costs as much as 2,000 requests, so a lower number would be felt
max_requests_jitter = 10_000
keepalive = 5
limit_request_line = 8_190
if os.access("/dev/shm", os.W_OK):  # noqa: S108  gunicorn deletes its files there at once
    # gunicorn ends if it cannot create the heartbeat file of a new worker, because a folder is gone or its disk is full.
    worker_tmp_dir = "/dev/shm"  # noqa: S108
accesslog = None
# gunicorn would believe what clients on this machine say about the scheme and the prefix. The setting `proxies` decides.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
loglevel = "warning"
logconfig_dict = logging_config(_settings.log_format)  # instead of gunicorn's own: all lines have one form
log_everything()
control_socket_disable = True  # from gunicorn 25.1 on, all services of a user would share ~/.gunicorn/gunicorn.ctl


def on_starting(server: Any) -> None:
    """Prepare gunicorn's main process.

    gunicorn 24.0 looks for the handler of SIGCHLD under an old name, without which it replaces no worker.
    """
    server.handle_cld = server.handle_chld
    _share_freed_memory()
    os.register_at_fork(after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS))


def _share_freed_memory() -> None:
    """Limit the places where glibc keeps freed memory, in all workers. Each thread has one, with 10 MB after an export."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def pre_fork(_server: Any, _worker: Any) -> None:
    """Hold back signals, in this process until it has forked, and in the worker until it has handlers of its own.

    A worker begins with the handlers of gunicorn's main process. A signal to stop would be lost on it, and gunicorn would
    then wait for it until the graceful timeout.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def post_worker_init(worker: Any) -> None:
    """Open the archive before the first request, unless another application has it below a path."""
    service: SearchService | None = part_of(worker.wsgi, "searchsvc")
    if service is None:
        return
    service.on_prewarmed = _freeze_garbage
    with suppress(SearchsvcError):  # requests report the error
        service.acquire()


def _freeze_garbage() -> None:
    """Exempt the data of the live generation from garbage collection, and free that of the previous one."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def when_ready(server: Any) -> None:
    """Print the addresses and warnings, and open an address in a browser if SEARCHSVC_OPEN is set.

    Options of gunicorn may say where it listens, and another application says itself who can read its archive.
    """
    names = [listener.getsockname() for listener in server.LISTENERS]
    addresses = list(map(_address, names))
    service: SearchService | None = part_of(server.app.callable, "searchsvc")
    what = f" {service.settings.index}" if service else ""
    with suppress(OSError):  # standard output may be closed, or a file on a full disk
        print(f"serving{what} on {' and '.join(addresses)} (press ctrl-C to stop)", flush=True)  # noqa: T201
    public = [authority(*name[:2]) for name in names if isinstance(name, tuple) and not is_loopback(name[0])]
    for warning in _warnings(service.settings, " and ".join(public)) if service and public else ():
        server.log.warning("%s", warning)
    if service and service.settings.alerts:
        _follow_index(server)
    if os.environ.get("SEARCHSVC_OPEN"):
        webbrowser.open(addresses[0])


def _follow_index(server: Any) -> None:
    """Keep the process running that follows the index for alerts: look each second, when gunicorn looks at its workers."""
    process = server.alert_follower = FollowerProcess()
    manage_workers = server.manage_workers

    def manage_all() -> None:
        manage_workers()
        process.keep_running()

    server.manage_workers = manage_all


def on_exit(server: Any) -> None:
    """End the process that follows the index for alerts, if there is one."""
    if (process := getattr(server, "alert_follower", None)) is not None:
        process.end()


def _address(name: Any) -> str:
    """Return the address at which this machine reaches a socket of this name."""
    if not isinstance(name, tuple):
        return f"unix:{os.fsdecode(name)}"
    host = "127.0.0.1" if name[0] in ("0.0.0.0", "::") else name[0]  # noqa: S104
    return f"http://{authority(host, name[1])}/"


def _warnings(settings: Settings, public: str) -> Iterator[str]:
    """Yield what the operator of a service that other machines can reach, at these addresses, should know."""
    if not settings.read_token:
        yield f"whoever reaches {public} can read this archive: set read_token, or listen on 127.0.0.1 only"
    if (settings.read_token or settings.write_token) and not settings.proxies:
        yield "tokens cross the network unencrypted: put a reverse proxy that speaks TLS in front, and set proxies"
