"""The service for any WSGI server: `gunicorn wsgi:app`. Settings come from the environment and searchsvc.toml."""

import os
import sys

from searchsvc.config import settings_of
from searchsvc.errors import SearchsvcError
from searchsvc.logs import configure_logging
from searchsvc.web.app import create_app

_APP_LOAD_ERROR = 4  # the status of a worker with which gunicorn stops, instead of starting another one

try:
    settings = settings_of(os.environ)
    configure_logging(settings.log_format)
    app = create_app(settings)
except SearchsvcError as error:
    sys.stderr.write(f"searchsvc: {error}\n")
    sys.exit(_APP_LOAD_ERROR)
