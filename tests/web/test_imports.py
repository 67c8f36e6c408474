"""What the web package loads: libraries that a service does not use cost it neither time nor memory."""

import sys

import pytest

from searchsvc.config import Settings
from tests.cli.test_startup import output

COUNTING = ("flask_limiter", "limits", "asyncio")
READING = ("trafilatura", "htmldate", "lxml", "bs4", "warcio", "pypdfium2", "py3langid", "markdown_it", "yaml")
ENGINES = ("whoosh", "opensearchpy")
TOKEN = "correct-horse-battery"


def loaded(sample: Settings, **changed: str) -> set[str]:
    """Return the modules of a process that has made an application and answered a search."""
    code = (
        "import sys; from searchsvc.web import create_app; "
        "assert create_app().test_client().get('/search?q=tide').status_code in (200, 401); print(*sys.modules)"
    )
    return set(output(sys.executable, "-c", code, SEARCHSVC_INDEX=str(sample.index), **changed).split())


def test_importing_the_web_package_loads_nothing_that_only_some_services_use() -> None:
    modules = set(output(sys.executable, "-c", "import sys, searchsvc.web; print(*sys.modules)").split())
    assert "searchsvc.web.app" in modules
    assert modules & {*COUNTING, *READING, *ENGINES, "gunicorn", "watchfiles", "rich"} == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, set()),
        ({"SEARCHSVC_READ_TOKEN": TOKEN}, {"limits"}),
        ({"SEARCHSVC_RATE_LIMIT": "9/minute"}, {"limits", "flask_limiter"}),
    ],
    ids=["no limit", "of wrong tokens", "of requests"],
)
def test_the_libraries_of_limits_are_loaded_with_a_limit_only(
    sample: Settings, settings: dict[str, str], expected: set[str]
) -> None:
    modules = loaded(sample, **settings)
    assert modules & {"flask_limiter", "limits"} == expected
    assert modules & {*READING, *ENGINES} == set()
