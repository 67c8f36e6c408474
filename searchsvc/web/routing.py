"""Routes of the API, each at the address of its version and at that of the newest version."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from searchsvc.api.serialize import API

NEWEST = "/api"
"""Addresses below it answer as the newest version does."""
View = Callable[..., Any]


def api_route(routes: Blueprint, path: str, method: str = "GET") -> Callable[[View], View]:
    """Add a function to the routes of the API, and return it."""

    def add(view: View) -> View:
        for root in (API, NEWEST):
            routes.add_url_rule(root + path, view.__name__, view, methods=[method])
        return view

    return add
