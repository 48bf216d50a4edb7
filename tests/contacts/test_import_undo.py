"""What undoing an import takes back, and what it leaves: looks, second causes, second lists."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from contacts.models import AuditEvent, Contact, Suppression
from contacts.queries import audit, gate
from contacts.services import bulk_stop, import_undo, suppression
from contacts.services import contact as contacts
from nurturing.models import Decision, Send
from silo.models import User
from silo.queries import doctor
from tests import cast
from tests.contacts.test_import_batch import ASA, BO, DAN, HEADER, bring_in, undo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_who_was_only_looked_at_goes(client: Client, now: datetime) -> None:
    batch = bring_in(HEADER + ASA, now)
    client.force_login(cast.make_sam())
    assert client.get(f"/people/{Contact.objects.get().pk}/").status_code == 200
    assert AuditEvent.objects.filter(verb="contact.looked_at").count() == 1
    assert import_undo.preview(batch, now=now).removes == 1
    undo(batch, now)
    assert not Contact.objects.exists()


def stopped_by_hand(dan: Contact, sam: User, now: datetime) -> None:
    suppression.stop_person(contact_id=dan.pk, channel="mail", source="said so by phone", by=sam, now=now)


def stopped_with_many(dan: Contact, sam: User, now: datetime) -> None:
    bulk_stop.stop([dan.pk], {"channel": "mail"}, now=now, by=sam, change_id=0)


def bounced(dan: Contact, sam: User, now: datetime) -> None:
    suppression.stop(address=dan.email or "", channel="mail", reason="bounced", source="550", now=now)


def opted_out_in_another_list(dan: Contact, sam: User, now: datetime) -> None:
    bring_in(HEADER + DAN, now)


@pytest.mark.parametrize(
    "again",
    [stopped_by_hand, stopped_with_many, bounced, opted_out_in_another_list],
    ids=lambda one: one.__name__,
)
def test_a_stop_with_a_second_cause_survives_the_undo_of_the_first(again, now: datetime) -> None:
    batch, sam = bring_in(HEADER + DAN + BO, now), cast.make_sam()
    dan = Contact.objects.get(first_name="Dan")
    again(dan, sam, now + timedelta(hours=1))
    assert import_undo.preview(batch, now=now).lifts == 0
    undo(batch, now + timedelta(hours=2))
    assert Suppression.objects.in_force().filter(address="dan@ostra.example").count() == 1
    if Contact.objects.filter(pk=dan.pk).exists():
        assert not gate.verdict(dan.pk).allowed


def test_a_server_that_says_the_same_again_and_again_is_one_line(now: datetime) -> None:
    bring_in(HEADER + DAN, now)
    dan = Contact.objects.get()
    for _turn in range(3):
        bounced(dan, None, now)  # type: ignore[arg-type]
    assert AuditEvent.objects.filter(verb="suppression.made", contact_id=dan.pk).count() == 2


def test_the_log_of_a_person_names_their_list_its_stop_and_what_the_undo_lifted(now: datetime) -> None:
    bring_in(HEADER + DAN.replace(";ja", ";"), now)
    dan = Contact.objects.get()
    batch = bring_in(HEADER + DAN, now + timedelta(minutes=1))
    undo(batch, now + timedelta(minutes=2))
    said = [str(line.verb) for line in audit.page(audit.Asked(person="dan@ostra")).lines]
    assert said[0:2] == ["took a stop back", "undid an import"] or said[0:2] == [
        "undid an import",
        "took a stop back",
    ]
    assert said.count("started an import") == 2
    assert "stopped" in said
    assert gate.verdict(dan.pk).reason != "suppressed:opted_out_in_list"


def meant_to_write(person: Contact, now: datetime, state: str, *, sandbox: bool) -> None:
    key = f"piece:{person.pk}:1"
    Decision.objects.create(contact_id=person.pk, at=now, kind="piece", dedupe_key=key, sandbox=sandbox)
    Send.objects.create(
        contact=person,
        kind="piece",
        dedupe_key=key,
        sandbox=sandbox,
        state=state,
        address=person.email or "",
        planned_at=now,
        not_before=now,
        latest_at=now + timedelta(days=7),
        finished_at=None if state == "planned" else now,
        reason="no_ground" if state in ("skipped", "unknown") else "",
    )


@pytest.mark.parametrize(
    ("state", "sandbox", "goes"),
    [
        ("planned", False, True),
        ("skipped", False, True),
        ("accepted", True, True),
        ("accepted", False, False),
        ("unknown", False, False),
    ],
)
def test_who_was_only_going_to_be_written_to_goes_with_those_mails(
    now: datetime, state: str, sandbox: bool, goes: bool
) -> None:
    batch = bring_in(HEADER + ASA, now)
    meant_to_write(Contact.objects.get(), now, state, sandbox=sandbox)
    preview = import_undo.preview(batch, now=now)
    assert (preview.removes, preview.keeps) == ((1, 0) if goes else (0, 1))
    undo(batch, now)
    assert Contact.objects.exists() is not goes
    assert Send.objects.exists() is Decision.objects.exists() is not goes
    assert doctor.examine(now=now).broken == ()


def test_who_came_with_two_lists_goes_with_the_last_of_them(now: datetime) -> None:
    first = bring_in(HEADER + ASA, now)
    second = bring_in(HEADER + ASA.replace("Inköpschef", "VD"), now + timedelta(minutes=1))
    undo(first, now + timedelta(minutes=2))
    assert Contact.objects.get().title == "VD"
    assert import_undo.preview(second, now=now).removes == 1
    undo(second, now + timedelta(minutes=3))
    assert not Contact.objects.exists()


def test_who_came_with_two_lists_and_was_worked_with_stays(now: datetime) -> None:
    first = bring_in(HEADER + ASA, now)
    asa = Contact.objects.get()
    contacts.update(contact_id=asa.pk, title="CFO", now=now + timedelta(seconds=30))
    second = bring_in(HEADER + ASA.replace("Inköpschef", "VD"), now + timedelta(minutes=1))
    undo(first, now + timedelta(minutes=2))
    undo(second, now + timedelta(minutes=3))
    assert Contact.objects.get().title == "CFO"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_field_that_two_lists_wrote_goes_back_to_what_was_before_both(
    now: datetime, order: tuple[int, int]
) -> None:
    contacts.add(now=now, email="asa@ostra.example", title="Chef", ground="consent", ground_source="said so")
    lists = [
        bring_in(HEADER + ASA.replace("Inköpschef", title), now + timedelta(minutes=minute))
        for minute, title in enumerate(("Ekonom", "VD"), 1)
    ]
    for which in order:
        undo(lists[which], now + timedelta(hours=1))
    assert Contact.objects.get().title == "Chef"
