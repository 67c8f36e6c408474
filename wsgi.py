"""The service for any WSGI server: `gunicorn wsgi:app`. Settings come from the environment and searchsvc.toml."""

import sys

from searchsvc.errors import SearchsvcError
from searchsvc.web.app import create_app

_APP_LOAD_ERROR = 4  # the status of a worker with which gunicorn stops, instead of starting another one

try:
    app = create_app()
except SearchsvcError as error:
    sys.stderr.write(f"searchsvc: {error}\n")
    sys.exit(_APP_LOAD_ERROR)
