"""Full-text search for archives of articles: a folder in; a search page, JSON and commands out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from searchsvc.config import Settings

__all__ = ["create_app"]
__version__ = "0.1.0"


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the WSGI application. Settings default to those of the environment and the settings file.

    `flask --app searchsvc` and `gunicorn 'searchsvc:create_app()'` find it here. Raise UserError for an invalid setting.
    """
    from searchsvc.web.app import create_app as create  # noqa: PLC0415  commands import this package without Flask

    return create(settings)
