"""What an answer to wrong parameters is expected to say."""

from werkzeug.test import TestResponse


def assert_refused(response: TestResponse, param: str, detail: str) -> None:
    """Require the status 400, the name of the parameter, and the beginning of the explanation."""
    assert response.status_code == 400
    assert response.get_json()["param"] == param
    assert response.get_json()["detail"].startswith(detail)
