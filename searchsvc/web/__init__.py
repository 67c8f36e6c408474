"""The pages and the API over HTTP."""

from searchsvc.web.app import create_app

__all__ = ["create_app"]
