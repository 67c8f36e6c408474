"""The service for any WSGI server: `gunicorn wsgi:app`. Settings come from the environment and searchsvc.toml."""

from searchsvc.web.app import create_app

app = create_app()
