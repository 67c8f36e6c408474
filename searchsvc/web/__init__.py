"""The service over HTTP: HTML pages, the JSON API, feeds and downloads, authentication, rate limits and metrics.

`create_app` returns the WSGI application. `gunicorn_conf` and `worker` are the server that runs it, with `connection`,
`request_reader`, `environ`, `answering` and `refusals`, which speak HTTP and know nothing of the application. The package
translates between HTTP and the packages `api`, `search` and `indexer`. It does not search or index by itself.
"""

from searchsvc.web.app import create_app

__all__ = ["create_app"]
