"""Retention: rules that an admin switched on, kept by the clock in bounded chunks, and shown before they do anything."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from contacts import keeping
from contacts.models import AuditEvent, Contact, Erasure, ImportBatch, ImportRow, RetentionRun
from contacts.services import audit, retention
from nurturing.services import reminder
from silo.models import User
from tests import cast
from tests.sales import stage

YEARS = timedelta(days=800)
pytestmark = pytest.mark.django_db


def names(kind: str, now: datetime, days: int = 730) -> set[str]:
    found = keeping.kind(kind).keeper.sample(before=now - timedelta(days=days), limit=100)
    return {one.label for one in found}


def test_only_who_did_nothing_and_may_not_be_written_to_has_gone_quiet(now: datetime, sam: User) -> None:
    old: dict[str, Any] = {"at": now - YEARS, "ground": "none"}
    cast.contact("Quiet", "One", **old)
    cast.contact("No", "Row", at=now - YEARS, ground="")
    cast.contact("New", "One", at=now - timedelta(days=3), ground="none")
    cast.contact("With", "Consent", at=now - YEARS)
    cast.click(cast.contact("Has", "Clicked", **old), at=now - timedelta(days=9))
    cast.click(cast.contact("Machine", "Clicked", **old), at=now - timedelta(days=9), human=0.02)
    reminded = cast.contact("To", "Call", **old)
    reminder.remind(
        contact_id=reminded.pk, at=now + timedelta(days=9), kind="ripe", because="budget", by=sam, now=now
    )
    stage.make_waiting(cast.contact("Called", "Us", **old), now)
    assert names("no_sign_of_life", now) == {"Quiet One", "No Row", "Machine Clicked"}


def test_nothing_happens_before_a_rule_is_switched_on(now: datetime) -> None:
    cast.contact("Quiet", "One", at=now - YEARS, ground="none")
    assert retention.keep_all(now=now) == {}
    assert Contact.objects.present().count() == 1


def test_a_rule_erases_whom_its_preview_named_and_says_so(now: datetime, ada: User) -> None:
    quiet = cast.contact("Quiet", "One", at=now - YEARS, ground="none")
    stays = cast.make_anna()
    retention.switch_on(kind="no_sign_of_life", days=730, by=ada, now=now)
    assert retention.keep_all(now=now) == {"no_sign_of_life": 1}
    assert retention.keep_all(now=now) == {"no_sign_of_life": 0}
    assert [one.pk for one in Contact.objects.present()] == [stays.pk]
    assert Erasure.objects.get(contact_id=quiet.pk).why == "retention"
    assert RetentionRun.objects.get().count == 1
    verbs = set(AuditEvent.objects.filter(verb__startswith="retention").values_list("verb", flat=True))
    assert verbs == {"retention.switched_on", "retention.kept"}


def test_a_round_is_bounded(now: datetime, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        cast.contact("Quiet", f"N{number}", at=now - YEARS, ground="none")
    kind = keeping.kind("no_sign_of_life")
    monkeypatch.setattr(retention, "CHUNKS_AT_A_TIME", 2)
    monkeypatch.setitem(
        keeping._kinds,
        kind.name,
        keeping.Kind(**{**{f: getattr(kind, f) for f in kind.__slots__}, "chunk": 2}),
    )
    retention.switch_on(kind=kind.name, days=730, by=ada, now=now)
    assert [retention.keep_all(now=now)[kind.name] for _round in range(2)] == [4, 1]


def test_a_rule_that_is_off_again_does_nothing(now: datetime, ada: User) -> None:
    cast.contact("Quiet", "One", at=now - YEARS, ground="none")
    retention.switch_on(kind="no_sign_of_life", days=730, by=ada, now=now)
    retention.switch_off(kind="no_sign_of_life", by=ada, now=now)
    assert retention.keep_all(now=now) == {}


def test_a_rule_cannot_reach_nearer_than_makes_sense(now: datetime, ada: User) -> None:
    with pytest.raises(retention.TooShort) as short:
        retention.switch_on(kind="audit_lines", days=30, by=ada, now=now)
    assert short.value.least == 365
    with pytest.raises(KeyError):
        retention.switch_on(kind="everything", days=900, by=ada, now=now)


def test_an_address_that_does_not_exist_goes_only_without_a_phone(now: datetime) -> None:
    cast.make_boris()  # has a phone
    nobody = cast.contact("Gone", "Away", email="gone@away.example")
    cast._stop(nobody, "mail", "bounced", "551")
    assert names("bounced", now, days=20) == {"Gone Away"}
    assert names("bounced", now, days=40) == set()


def test_raw_rows_of_old_imports_are_emptied_and_still_counted(now: datetime, ada: User) -> None:
    old = now - timedelta(days=100)
    batch = ImportBatch.objects.create(
        name="old.csv", sha256="x", size=1, state="done", rows=3, created_at=old
    )
    for number in (1, 2, 3):
        ImportRow.objects.create(
            batch=batch, number=number, line=number, raw=["Anna"], verdict="new", before={"a": 1}
        )
    young = ImportBatch.objects.create(
        name="new.csv", sha256="x", size=1, state="done", rows=1, created_at=now
    )
    ImportRow.objects.create(batch=young, number=1, line=1, raw=["Boris"], verdict="new")
    assert keeping.kind("import_rows").keeper.count(before=now - timedelta(days=90)) == 3
    retention.switch_on(kind="import_rows", days=90, by=ada, now=now)
    retention.keep_all(now=now)
    assert list(ImportRow.objects.filter(batch=batch).values_list("raw", "before")) == [([], None)] * 3
    assert ImportRow.objects.get(batch=young).raw == ["Boris"]
    assert keeping.kind("import_rows").keeper.count(before=now - timedelta(days=90)) == 0


# --- The audit log only grows


def test_a_line_can_be_neither_changed_nor_removed(now: datetime, ada: User) -> None:
    line = audit.write(verb="contact.seen", now=now, by=ada, contact_id=7)
    for change in (
        lambda: AuditEvent.objects.filter(pk=line.pk).update(verb="nothing.happened"),
        lambda: AuditEvent.objects.filter(pk=line.pk).update(by=None, contact_id=8),
        lambda: AuditEvent.objects.filter(pk=line.pk).delete(),
    ):
        with pytest.raises((ProgrammingError, IntegrityError), match="append-only"), transaction.atomic():
            change()
    assert AuditEvent.objects.filter(pk=line.pk, verb="contact.seen").exists()


def test_the_account_of_a_colleague_may_go_and_the_line_stays(now: datetime, ada: User) -> None:
    line = audit.write(verb="contact.seen", now=now, by=ada)
    ada.delete()
    line.refresh_from_db()
    assert line.by_id is None


def test_old_lines_go_by_the_rule_alone_and_the_door_closes_behind_it(now: datetime, ada: User) -> None:
    audit.write(verb="contact.seen", now=now - timedelta(days=1200), by=ada)
    young = audit.write(verb="contact.seen", now=now - timedelta(days=300), by=ada)
    retention.switch_on(kind="audit_lines", days=1095, by=ada, now=now)
    assert retention.keep_all(now=now) == {"audit_lines": 1}
    assert AuditEvent.objects.filter(verb="contact.seen").get() == young
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM contacts_auditevent")
