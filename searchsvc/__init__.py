"""Full-text search for archives of articles: a folder in; a search page, JSON and commands out."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from searchsvc.config import Settings

__all__ = ["create_app"]
__version__ = "0.1.0"


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the WSGI application. Settings default to those of the environment and the settings file.

    `flask --app searchsvc` and `gunicorn 'searchsvc:create_app()'` find it here, and log as `searchsvc serve` does. An
    application that gives settings has a log of its own. Raise UserError for an invalid setting.
    """
    # Commands import this package without Flask.
    from searchsvc.config import settings_of  # noqa: PLC0415
    from searchsvc.logs import configure_logging  # noqa: PLC0415
    from searchsvc.web.app import create_app as create  # noqa: PLC0415

    if settings is None:
        settings = settings_of(os.environ)
        configure_logging(settings.log_format)
    return create(settings)
