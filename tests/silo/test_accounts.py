"""Logging in: by e-mail, by invitation only, and never with the demo's password outside the demo."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal import auth
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from contacts.models import Contact
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


@pytest.mark.django_db
def test_two_step_login_from_setting_it_up_to_a_lost_phone(client: Client) -> None:
    mira, ada = cast.make_mira(), cast.make_ada()
    assert come_in(client, mira.email, cast.PASSWORD)
    asked = client.get("/account/2fa/totp/activate/").headers["Location"]
    assert "Is it you?" in client.get(asked).content.decode()
    page = client.post(asked, {"password": cast.PASSWORD, "next": "/account/2fa/totp/activate/"}, follow=True)
    assert "Set up two-step login" in page.content.decode()
    secret, moment = client.session["mfa.totp.secret"], next(iter(auth.yield_hotp_counters_from_time()))
    code = auth.format_hotp_value(auth.hotp_value(secret, moment))
    assert client.post("/account/2fa/totp/activate/", {"code": "12"}).status_code == 200, (
        "a wrong code is told"
    )
    client.post("/account/2fa/totp/activate/", {"code": code})
    codes = client.get("/account/2fa/recovery-codes/").content.decode()
    assert "10 of 10 are left" in codes
    assert "It is on" in client.get("/account/2fa/").content.decode()

    elsewhere = Client()
    assert not come_in(elsewhere, mira.email, cast.PASSWORD), "the password alone is not enough"
    assert "The second step" in elsewhere.get("/account/2fa/authenticate/").content.decode()

    admin = cast.client_of(ada)
    assert "Switch two-step login off" in admin.get("/colleagues/").content.decode()
    admin.post(f"/colleagues/{mira.pk}/one-step/")
    assert come_in(Client(), mira.email, cast.PASSWORD)


@pytest.mark.django_db
def test_wrong_passwords_behind_a_proxy_lock_out_nobody_but_their_visitor(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    mira = cast.make_mira()
    guesser = Client(REMOTE_ADDR="172.18.0.1", headers={"x-forwarded-for": "203.0.113.7"})
    guesses = [
        guesser.post(LOGIN, {"login": f"{number}@guess.example", "password": "wrong"}) for number in range(22)
    ]
    assert "Too many failed login attempts" in guesses[-1].content.decode()
    colleague = Client(REMOTE_ADDR="172.18.0.1", headers={"x-forwarded-for": "192.0.2.17"})
    assert come_in(colleague, mira.email, cast.PASSWORD)


@pytest.mark.django_db
def test_a_visitor_past_the_proxy_is_let_in_by_their_own_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    mira = cast.make_mira()
    assert come_in(Client(headers={"x-forwarded-for": "192.0.2.17"}), mira.email, cast.PASSWORD)


def test_what_colleagues_read_is_kept_by_no_browser(mira: User, anna: Contact) -> None:
    for path in ("/", f"/people/{anna.pk}/", f"/people/{anna.pk}/nothing/"):
        assert cast.client_of(mira).get(path)["Cache-Control"] == "private, no-store", path
    assert "Cache-Control" not in Client().get("/theme/").headers, "nobody is logged in"
