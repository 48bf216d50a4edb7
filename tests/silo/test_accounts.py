"""Logging in: by e-mail, by invitation only, and never with the demo's password outside the demo."""

import pytest
from allauth.mfa.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from silo.accounts import NotTheDemoPassword
from silo.models import User
from tests import cast

LOGIN = "/account/login/"


def come_in(client: Client, email: str, password: str) -> bool:
    """Try to log in; whether it opened."""
    client.post(LOGIN, {"login": email, "password": password})
    return "_auth_user_id" in client.session


@pytest.fixture
def left_by_a_demo(db: None) -> User:
    colleague = cast.make_mira()
    colleague.set_password("demo")
    colleague.save(update_fields=["password"])
    return colleague


@pytest.mark.django_db
def test_a_colleague_logs_in_with_the_address_and_the_password(client: Client) -> None:
    mira = cast.make_mira()
    assert come_in(client, mira.email, cast.PASSWORD)


@pytest.mark.django_db
def test_a_wrong_password_opens_nothing_and_says_so(client: Client) -> None:
    mira = cast.make_mira()
    answer = client.post(LOGIN, {"login": mira.email, "password": "not hers"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "_auth_user_id" not in client.session


def test_the_password_of_the_demo_is_refused_outside_the_demo(client: Client, left_by_a_demo: User) -> None:
    assert not come_in(client, left_by_a_demo.email, "demo")


def test_the_password_of_the_demo_opens_the_demo(
    client: Client, left_by_a_demo: User, settings: Settings
) -> None:
    settings.SILO_DEMO = True
    assert come_in(client, left_by_a_demo.email, "demo")


def test_nobody_can_choose_the_password_of_the_demo(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="everybody knows"):
        NotTheDemoPassword().validate("demo")
    settings.SILO_DEMO = True
    NotTheDemoPassword().validate("demo")


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves(client: Client) -> None:
    client.post(
        "/account/signup/", {"email": "x@y.example", "password1": cast.PASSWORD, "password2": cast.PASSWORD}
    )
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_guessing_passwords_is_slowed_down(client: Client) -> None:
    mira = cast.make_mira()
    for _ in range(8):
        come_in(client, mira.email, "a guess")
    assert not come_in(client, mira.email, cast.PASSWORD)


def test_the_secret_of_a_second_factor_is_stored_encrypted() -> None:
    stored = get_adapter().encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert get_adapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"
