"""An erasure cuts a person off: afterwards they occur nowhere in the database, every total stays, and no backup brings
them back.
"""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils.dateparse import parse_datetime

from contacts import erasing, keys, ledger
from contacts.models import (
    AuditEvent,
    Company,
    Contact,
    ContactAddress,
    Erasure,
    FormerGround,
    ImportBatch,
    LegalGround,
    Objection,
    Suppression,
)
from contacts.queries import gate
from contacts.services import erasure, ground, import_work, suppression
from contacts.services import import_batch as imports
from nurturing.models import ProviderEvent, Reply, Send, Standing
from nurturing.queries import send as send_query
from nurturing.services import pause, reminder
from sales.models import Opportunity, Purchase, Referral
from sales.services import outcome
from silo.models import User
from silo.queries import doctor
from tests import cast, world
from tests.world import World

ADDRESS = "aase.unnskyld@soerlandsbyen.example"
FURTHER = "privat.unnskyld@heime.example"
PHONE = "+4791234098"
FIRST, LAST = "Åsebjørg", "Unnskyldsen"
G = LegalGround.Ground


@pytest.fixture
def aase(world: World, now: datetime, settings: Any, tmp_path: Path) -> Contact:
    """Somebody to whom everything happened that can happen to a person in the silo."""
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"
    text = (
        "Fornavn;Etternavn;E-post;Telefon;Firma;Notat\n"
        f"{FIRST};{LAST};{ADDRESS};91 23 40 98;Unnskyldsen Rør;{FIRST} er hyggelig\n"
        f"{FIRST};{LAST};{ADDRESS.upper()};;Unnskyldsen Rør;igen\n"
        f"{FIRST};{LAST};{ADDRESS} og noe;;;\n"
        "Ola;Normann;ola@normann.example;;Normann AS;\n"
    )
    batch = imports.receive(
        name="list.csv", file=ContentFile(text.encode(), "list.csv"), by=world.ada, now=now
    )
    imports.settle(batch=batch, fields=batch.reading["fields"], ground="consent", source="messa")
    import_work.check(batch_id=batch.pk, now=now)
    imports.begin(batch_id=batch.pk, by=world.ada, now=now)
    import_work.run(batch_id=batch.pk, now=now)
    aase = Contact.objects.get(email=ADDRESS)
    Contact.objects.filter(pk=aase.pk).update(
        tags=[LAST], custom={"note": f"{FIRST} {LAST}"}, way_in_note=f"{FIRST} ringte", title=f"{LAST}s sjef",
        recipient="sole_trader", language="nb", owner=world.sam, informed_at=now,
    )  # fmt: skip
    aase.refresh_from_db()
    ContactAddress.objects.create(contact=aase, email=FURTHER)
    ground.keep(
        contact_id=aase.pk,
        ground=G.EXISTING_CUSTOMER,
        now=now,
        source=f"{FIRST} kjøpte",
        wording=f"Jeg, {LAST}",
    )
    ground.keep(contact_id=aase.pk, ground=G.CONSENT, now=now, source=f"{LAST} sa ja", ip="192.0.2.7")
    everything(world, aase, now)
    return aase


def everything(made: World, aase: Contact, now: datetime) -> None:
    world._mails(made, aase)
    world._reads_and_answers(made, aase)
    by: dict[str, Any] = {"by": made.sam, "now": now}
    outcome.record(
        contact_id=aase.pk, outcome="meeting", what=f"Tilbud til {LAST}", note=f"{FIRST} vil ha", **by
    )
    deal = Opportunity.objects.get(contact=aase)
    outcome.record(
        contact_id=aase.pk, outcome="bought", what=f"Rør til {LAST}", opportunity_id=deal.pk, revision=0,
        note=f"{FIRST} kjøpte", **by,
    )  # fmt: skip
    friend = cast.contact(
        "Kari", "Venn", email="kari@venn.example", way_in_note=f"anbefalt av {FIRST} {LAST}"
    )
    Referral.objects.create(asked=aase, asked_at=now, by=made.sam, brought=friend, note=f"{FIRST} sier")
    pause.start(contact_id=aase.pk, until=now + timedelta(days=9), because=f"{FIRST} er borte", **by)
    reminder.remind(
        contact_id=aase.pk, at=now + timedelta(days=90), kind="ripe", because=f"{LAST} i mars", **by
    )
    ProviderEvent.objects.create(
        provider="postmark", at=now, dedup_hash="x" * 64, type="bounced", recipient=ADDRESS.upper(),
        payload={"to": ADDRESS, "said": f"550 {ADDRESS} unknown"},
    )  # fmt: skip
    Reply.objects.create(
        kind="human", at=now, from_address=FURTHER, subject=f"Hei fra {FIRST}", text=LAST, whole=LAST,
        message_id=f"<{ADDRESS}> {hashlib.sha256(ADDRESS.encode()).hexdigest()[:32]}", source="test",
    )  # fmt: skip
    Send.objects.filter(contact=aase, state="accepted").update(reason=f"550 5.1.1 <{ADDRESS}> unknown")
    Objection.objects.create(contact=aase, kind="tracking", at=now, source=f"mail fra {ADDRESS}")
    suppression.stop(address=FURTHER, channel="mail", reason="bounced", source=f"mail to {ADDRESS}", now=now)


def needles() -> dict[str, str]:
    """Everything that would still tell who it was, by what it is."""
    found = {"first name": FIRST, "last name": LAST, "phone": "91234098", "phone as written": "91 23 40 98"}
    for what, value in (("address", ADDRESS), ("further address", FURTHER), ("phone", PHONE)):
        found |= {
            what: value,
            f"{what}, in an address": quote(value, safe=""),
            f"{what}, hex": value.encode().hex(),
        }
        for name in ("md5", "sha1", "sha256"):
            for spelled in (value, value.upper()):
                found[f"{name} of the {what} {spelled}"] = hashlib.new(name, spelled.encode()).hexdigest()[
                    :32
                ]
        for shift in range(3):  # base64 of a text that holds it somewhere
            middle = base64.b64encode(b"x" * shift + value.encode())[4:-4].decode().rstrip("=")
            found[f"base64 of the {what}, shifted by {shift}"] = middle
            found[f"urlsafe base64 of the {what}, shifted by {shift}"] = (
                base64.urlsafe_b64encode(b"x" * shift + value.encode())[4:-4].decode().rstrip("=")
            )
    return found


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        return [name for (name,) in cursor.fetchall()]


def traces() -> dict[str, list[str]]:
    """What is left of her, by table: every column of every row, as text."""
    left: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in tables():
            for what, needle in needles().items():
                cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{needle}%"])  # noqa: S608
                if cursor.fetchone()[0]:
                    left.setdefault(table, []).append(what)
    return left


def totals(now: datetime) -> dict[str, Any]:
    """The figures of the reports."""
    return {
        "sends": send_query.equation(now=now),
        "by state": sorted(Send.objects.values_list("state", "kind", "piece_id")),
        "purchases": sorted(Purchase.objects.values_list("value", "currency", "at")),
        "deals": sorted(str(row) for row in Opportunity.objects.values_list("stage", "value", "opened_at")),
        "replies": Reply.objects.count(),
        "imports": sorted(str(row) for row in ImportBatch.objects.values_list("rows", "counts")),
        "contacts": Contact.objects.count(),
    }


def test_she_is_everywhere_before(aase: Contact) -> None:
    """A search that finds nothing proves nothing."""
    found = traces()
    for table in (
        "contacts_contact", "contacts_importrow", "contacts_legalground", "contacts_formerground", "contacts_suppression",
        "nurturing_reply", "nurturing_providerevent", "nurturing_sandboxmail", "nurturing_pause", "nurturing_reminder",
        "sales_call", "sales_opportunity", "sales_referral", "contacts_contactsearch", "nurturing_send",
    ):  # fmt: skip
        assert f"public.{table}" in found, table


def test_afterwards_she_occurs_nowhere_and_every_total_is_as_before(
    aase: Contact, world: World, now: datetime
) -> None:
    before = totals(now)
    assert erasure.erase(contact_ids=[aase.pk], why="person", by=world.ada, now=now) == 1
    assert traces() == {}
    assert totals(now) == before
    standing = Standing.objects.get(pk=aase.pk)
    assert (standing.state, standing.stop_reason) == ("stopped", "erased")
    assert not [
        leak for leak in doctor.examine(now=now).leaks if leak.name.startswith(("erased", "standing_"))
    ]


def test_the_uploaded_file_of_the_import_is_gone_and_its_rows_still_count(
    aase: Contact, world: World, now: datetime
) -> None:
    batch = ImportBatch.objects.get(name="list.csv")
    path = Path(batch.file.path)
    assert ADDRESS in path.read_text()
    erasure.erase(contact_ids=[aase.pk], why="person", by=world.ada, now=now)
    batch.refresh_from_db()
    assert not path.exists()
    assert batch.import_rows.count() == batch.rows == 4


def test_erasing_twice_is_once_and_the_audit_log_says_who(aase: Contact, world: World, now: datetime) -> None:
    assert erasure.erase(contact_ids=[aase.pk], why="colleague", by=world.ada, now=now) == 1
    assert erasure.erase(contact_ids=[aase.pk], why="colleague", by=world.ada, now=now) == 0
    line = AuditEvent.objects.get(verb="contact.erased", contact_id=aase.pk)
    assert (line.by_id, line.detail) == (world.ada.pk, {"why": "colleague"})


def test_who_asked_for_it_stays_stopped_under_every_spelling(
    aase: Contact, world: World, now: datetime
) -> None:
    erasure.erase(contact_ids=[aase.pk], why="person", by=world.ada, now=now)
    again = cast.contact("New", "Import", email=ADDRESS.title(), phone=PHONE)
    assert gate.verdict(again.pk).reason == "suppressed:erased"
    assert gate.verdict(again.pk, channel="phone").reason == "suppressed:erased"
    assert not Suppression.objects.exclude(address="").filter(reason="erased").exists()


def test_a_switchboard_that_colleagues_answer_too_is_not_stopped(db: None, now: datetime) -> None:
    anna, boris = cast.make_anna(), cast.make_boris(phone="+4755010203")
    erasure.erase(contact_ids=[anna.pk], why="person", now=now)
    assert gate.verdict(boris.pk, channel="phone").allowed


def test_a_retention_rule_stops_nobody(db: None, now: datetime) -> None:
    anna = cast.make_anna()
    address = anna.email
    erasure.erase(contact_ids=[anna.pk], why="retention", now=now)
    assert gate.verdict(cast.contact("Anna", "Again", email=address).pk).allowed


def test_a_company_that_others_work_at_keeps_its_name(db: None, now: datetime) -> None:
    anna, alone = cast.make_anna(recipient="sole_trader"), cast.contact("Per", "Vik", email="per@vik.example")
    own = Company.objects.create(name="Per Vik Konsult", name_key="per vik konsult")
    Contact.objects.filter(pk=alone.pk).update(company=own, recipient="sole_trader")
    cast.make_boris()
    erasure.erase(contact_ids=[anna.pk, alone.pk], why="person", now=now)
    assert Company.objects.get(name_key="fjordmek").name == "Fjordmek AS"
    assert Company.objects.get(pk=own.pk).name == f"#{own.pk}"


# --- The ledger


@pytest.fixture
def book(settings: Any, tmp_path: Path) -> Path:
    settings.ERASURE_LEDGER = tmp_path / "ledger" / "erasures.jsonl"
    return Path(settings.ERASURE_LEDGER)


def test_the_ledger_gets_a_line_when_the_erasure_is_committed(
    db: None, book: Path, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    anna = cast.make_anna()
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(contact_ids=[anna.pk], why="person", now=now)
        assert not book.exists()
    (line,) = ledger.read()
    assert (line.contact_id, line.at, line.stop) == (anna.pk, now, True)
    assert line.hashes == (keys.address_hash("anna.lind@fjordmek.example"), keys.address_hash("+4755010203"))
    said = book.read_text()
    assert "anna" not in said and "55010203" not in said
    assert book.stat().st_mode & 0o777 == 0o600


def restore_backup(*people: Contact) -> None:
    """The database as it was: the people are back with their numbers and moments, and nobody knows of an erasure."""
    Erasure.objects.all().delete()
    Suppression.objects.all().delete()
    for one in people:
        Contact.objects.filter(pk=one.pk).update(
            erased_at=None,
            email=one.email,
            phone=one.phone,
            first_name=one.first_name,
            last_name=one.last_name,
        )


def test_a_restored_backup_erases_again_and_stops_again(
    db: None, book: Path, now: datetime, django_capture_on_commit_callbacks: Any, capsys: Any
) -> None:
    anna, boris = cast.make_anna(), cast.make_boris()
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(contact_ids=[anna.pk], why="person", now=now)
    restore_backup(anna)
    assert Contact.objects.get(pk=anna.pk).email == "anna.lind@fjordmek.example"
    call_command("replay_erasures")
    assert json.loads(capsys.readouterr().out) == {"in_ledger": 1, "written_to_ledger": 0, "erased_again": 1}
    anna.refresh_from_db()
    assert anna.erased_at and anna.email is None
    assert Contact.objects.present().filter(pk=boris.pk).exists()
    again = cast.contact("Anna", "Lind")
    assert gate.verdict(again.pk).reason == "suppressed:erased"
    call_command("replay_erasures")
    assert json.loads(capsys.readouterr().out)["erased_again"] == 0


def test_another_person_with_the_same_number_in_a_restored_backup_is_left_alone(
    db: None, book: Path, now: datetime
) -> None:
    boris = cast.make_boris()
    ledger.append([ledger.Line(boris.pk, now, now, "person", (keys.address_hash("x@y.example"),), True)])
    assert erasure.replay(now=now).erased_again == 0
    assert Contact.objects.present().filter(pk=boris.pk).exists()


def test_a_duplicate_with_the_address_is_found_in_a_restored_backup(
    db: None, book: Path, now: datetime
) -> None:
    anna = cast.make_anna()
    digest = keys.address_hash("anna.lind@fjordmek.example")
    ledger.append([ledger.Line(999_999, now, now, "person", (digest,), True)])
    assert erasure.replay(now=now).erased_again == 1
    assert Contact.objects.get(pk=anna.pk).erased_at


def test_whoever_came_back_by_themselves_after_their_erasure_stays(
    db: None, book: Path, now: datetime
) -> None:
    anna = cast.make_anna(at=now + timedelta(days=3))
    digest = keys.address_hash("anna.lind@fjordmek.example")
    ledger.append([ledger.Line(999_999, now, now, "person", (digest,), False)])
    erasure.replay(now=now + timedelta(days=4))
    assert Contact.objects.present().filter(pk=anna.pk).exists()


def test_a_line_that_never_reached_the_disk_is_added_from_the_database(
    db: None, book: Path, now: datetime
) -> None:
    anna = cast.make_anna()
    erasure.erase(contact_ids=[anna.pk], why="person", now=now)  # nothing is committed in this test
    assert erasure.replay(now=now).written == 1
    assert [line.contact_id for line in ledger.read()] == [anna.pk]
    assert erasure.replay(now=now).written == 0


def test_a_torn_line_spoils_only_itself(db: None, book: Path, now: datetime) -> None:
    line = ledger.Line(1, now, now, "person", ("a" * 64,), True)
    ledger.append([line])
    with book.open("a") as file:
        file.write('{"contact_id":2,"made_')
    ledger.append([ledger.Line(3, now, now, "person", (), True)])
    assert [one.contact_id for one in ledger.read()] == [1, 3]
    assert parse_datetime(json.loads(book.read_text().splitlines()[0])["at"]) == now


# --- Every table is thought of


def test_every_table_says_what_an_erasure_does_with_it() -> None:
    ours = {"contacts", "nurturing", "sales", "silo"}
    models = [one._meta.label for one in apps.get_models() if one._meta.app_label in ours]
    assert erasing.uncovered(models) == set()


def test_the_former_ground_is_kept_and_says_until_when(db: None, now: datetime, ada: User) -> None:
    anna = cast.make_anna()
    ground.keep(contact_id=anna.pk, ground=G.NONE, source="withdrawn", by=ada, now=now)
    former = FormerGround.objects.get(contact=anna)
    assert (former.ground, former.source, former.purpose) == ("consent", "the tests' cast", "marketing")
