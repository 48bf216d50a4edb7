"""The first page after login."""

from datetime import datetime

import pytest

from contacts.models import Contact
from silo.models import User
from tests import cast
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db


def page(user: User) -> str:
    return cast.client_of(user).get("/").content.decode()


def test_it_says_what_comes_next_until_something_is_published(
    anna: Contact, mira: User, sam: User, now: datetime
) -> None:
    assert "Nothing is published yet" in page(mira) and "/library/new/" in page(mira)
    assert "Nothing is published yet" in page(sam) and "/library/new/" not in page(sam)
    mailing.piece(at=now)
    assert "Nothing is published yet" not in page(mira)
