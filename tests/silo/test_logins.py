"""Who came in, went, or tried: in the audit log, and never what was typed."""

from django.test import Client

from contacts.models import AuditEvent
from silo.models import User
from tests import cast


def lines() -> list[tuple[str, int | None, int | None]]:
    rows = AuditEvent.objects.filter(verb__startswith="login").order_by("pk")
    return list(rows.values_list("verb", "by_id", "object_id"))


def log_in(client: Client, email: str, password: str) -> int:
    return client.post("/account/login/", {"login": email, "password": password}).status_code


def test_a_login_and_a_logout_are_written_down(ada: User) -> None:
    client = Client()
    assert log_in(client, ada.email, cast.PASSWORD) == 302
    client.post("/account/logout/")
    assert lines() == [("login.done", ada.pk, None), ("login.ended", ada.pk, None)]


def test_a_failed_login_names_the_colleague_and_nothing_that_was_typed(ada: User) -> None:
    client = Client()
    for email in (ada.email.upper(), "nobody@elsewhere.example"):
        assert log_in(client, email, "a wrong secret") == 200
    assert lines() == [("login.failed", None, ada.pk), ("login.failed", None, None)]
    said = str(list(AuditEvent.objects.values()))
    assert "wrong secret" not in said and "elsewhere" not in said
