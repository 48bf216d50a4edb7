"""The first admin, invitations, roles."""

from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from contacts import clock
from silo.models import Invitation, User
from silo.services import colleague, invitation
from tests import cast

pytestmark = pytest.mark.django_db
GOOD = "a mill by the river"


def test_an_empty_silo_leads_to_the_first_admin_and_then_never_again() -> None:
    client = Client()
    assert client.get("/").headers["Location"] == "/welcome/"
    answer = client.post("/welcome/", {"name": "Ada", "email": "Ada@Ours.example", "password": GOOD})
    assert answer.headers["Location"] == "/"
    ada = User.objects.get()
    assert (ada.email, [group.name for group in ada.groups.all()]) == ("ada@ours.example", ["admin"])
    assert client.get("/").status_code == 200, "she is logged in at once"
    assert (
        Client().post("/welcome/", {"name": "X", "email": "x@x.example", "password": GOOD}).status_code == 302
    )
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "demo", "1234567890", "password123"])
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    answer = Client().post("/welcome/", {"name": "Ada", "email": "ada@ours.example", "password": password})
    assert answer.status_code == 422
    assert not User.objects.exists()


def test_the_second_first_admin_is_told(ada: User, now: datetime) -> None:
    with pytest.raises(colleague.NotPossible):
        colleague.make_first_admin(email="b@ours.example", password=GOOD, name="B", now=now)


def test_an_invited_colleague_comes_in_once(ada: User, django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        cast.client_of(ada).post(
            "/colleagues/invitations/", {"email": "Sam@ours.example", "role": "salesperson"}
        )
    assert mail.outbox[0].to == ["sam@ours.example"]
    link = next(line for line in str(mail.outbox[0].body).splitlines() if "/invitation/" in line)
    path = "/" + link.split("/", 3)[3]
    browser = Client()
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"name": "Sam", "password": GOOD}).status_code == 302
    sam = User.objects.get(email="sam@ours.example")
    assert [group.name for group in sam.groups.all()] == ["salesperson"]
    assert sam.check_password(GOOD)
    again = Client().post(path, {"name": "Thief", "password": GOOD})
    assert again.status_code == 404
    assert User.objects.get(email="sam@ours.example").name == "Sam"


def test_a_withdrawn_an_old_and_a_forged_link_let_nobody_in(ada: User, now: datetime) -> None:
    made = invitation.invite(email="sam@ours.example", role="salesperson", by=ada, now=now)
    with clock.at(now + timedelta(days=15)):
        assert Client().get(f"/invitation/{made.token}/").status_code == 404
    with clock.at(now):
        assert Client().get(f"/invitation/{made.token[:-2]}xx/").status_code == 404
        invitation.withdraw(invitation_id=made.invitation.pk, by=ada, now=now)
        assert Client().get(f"/invitation/{made.token}/").status_code == 404
    assert not User.objects.filter(email="sam@ours.example").exists()


def test_inviting_again_closes_the_first_link(ada: User, now: datetime) -> None:
    first = invitation.invite(email="sam@ours.example", role="salesperson", by=ada, now=now)
    second = invitation.invite(email="sam@ours.example", role="marketer", by=ada, now=now)
    with pytest.raises(invitation.InvitationClosed):
        invitation.read(token=first.token, now=now)
    assert invitation.read(token=second.token, now=now).role == "marketer"


def test_the_last_admin_stays(ada: User, sam: User) -> None:
    client = cast.client_of(ada)
    client.post(f"/colleagues/{ada.pk}/roles/", {"roles": ["marketer"]})
    client.post(f"/colleagues/{ada.pk}/leave/")
    ada.refresh_from_db()
    assert ada.is_active
    assert [group.name for group in ada.groups.all()] == ["admin"]


def test_who_has_left_cannot_log_in_until_they_are_back(ada: User, sam: User) -> None:
    client = cast.client_of(ada)
    client.post(f"/colleagues/{sam.pk}/leave/")
    assert not Client().login(email=sam.email, password=cast.PASSWORD)
    client.post(f"/colleagues/{sam.pk}/return/")
    assert Client().login(email=sam.email, password=cast.PASSWORD)


def test_who_comes_back_by_invitation_still_takes_the_second_step(
    ada: User, sam: User, now: datetime
) -> None:
    Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={"secret": "x"})
    colleague.let_go(user_id=sam.pk, by=ada, now=now)
    made = invitation.invite(email=sam.email, role="salesperson", by=ada, now=now)
    browser = Client()
    with clock.at(now):
        answer = browser.post(f"/invitation/{made.token}/", {"name": "Sam", "password": GOOD})
    assert answer.headers["Location"] == "/account/login/"
    assert "_auth_user_id" not in browser.session
    assert "can log in again" in browser.get("/account/login/").content.decode()
    sam.refresh_from_db()
    assert sam.is_active and sam.check_password(GOOD)


WRITES = (
    "/colleagues/invitations/",
    "/colleagues/{0}/roles/",
    "/colleagues/{0}/leave/",
    "/colleagues/{0}/return/",
)


@pytest.mark.parametrize("path", WRITES)
def test_only_admins_write_and_only_by_post(ada: User, sam: User, mira: User, path: str) -> None:
    here = path.format(sam.pk)
    assert Client().post(here).status_code == 302
    for other in (sam, mira):
        assert cast.client_of(other).post(here, {"email": "x@x.example", "role": "admin"}).status_code == 403
    assert cast.client_of(ada).get(here).status_code == 405
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("path", WRITES[1:])
def test_a_colleague_who_is_not_there_is_404(ada: User, path: str) -> None:
    assert cast.client_of(ada).post(path.format(99_999), {"roles": ["admin"]}).status_code == 404


def test_the_password_of_the_demo_opens_nothing_outside_the_demo(ada: User) -> None:
    ada.set_password("demo")
    ada.save()
    Client().post("/account/login/", {"login": ada.email, "password": "demo"})
    answer = Client().post("/account/login/", {"login": ada.email, "password": "demo"})
    assert answer.status_code == 200, "the login page again, with its error"
