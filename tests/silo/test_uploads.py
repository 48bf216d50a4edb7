"""A request that is too large is refused by its announced length."""

from io import BytesIO

import pytest
from django.test import Client
from pytest_django import Settings


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.django_db
def test_too_much_is_refused_unread_with_a_sentence(client: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2 * 1024 * 1024
    answer = client.generic(
        "POST",
        "/account/login/",
        CONTENT_LENGTH=str(3 * 1024 * 1024),
        **{"wsgi.input": Unread()},  # type: ignore[arg-type]
    )
    assert answer.status_code == 413
    assert "at most 2 MB" in answer.content.decode()


@pytest.mark.django_db
def test_less_goes_through(client: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2 * 1024 * 1024
    answer = client.post("/account/login/", {"login": "nobody@nowhere.example", "password": "x" * 1000})
    assert answer.status_code == 200
