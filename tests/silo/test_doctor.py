"""The doctor finds what is broken, and nothing else."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from contacts import clock
from contacts.models import Contact
from nurturing.models import Decision, Handoff, Reminder, Send, Standing
from nurturing.queries import position
from nurturing.services import pause, standing, unknown
from silo.models import User
from silo.queries import doctor, overview
from tests import cast

pytestmark = pytest.mark.django_db


def sql(statement: str, *values: object) -> None:
    """A leak is planted behind the back of the code, as a bug or a careless hand would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def healthy(anna: Contact, dana: Contact, chen: Contact, now: datetime) -> None:
    """A silo in which every standing was evaluated."""
    standing.recompute_everybody(now=now)


def accepted(contact: Contact, now: datetime, key: str = "piece:1:1") -> Send:
    Decision.objects.create(contact_id=contact.pk, at=now, kind="piece", dedupe_key=key, sandbox=True)
    return Send.objects.create(
        contact=contact,
        kind="piece",
        dedupe_key=key,
        sandbox=True,
        state="accepted",
        address=contact.email or "",
        planned_at=now,
        not_before=now,
        latest_at=now + timedelta(days=7),
        finished_at=now,
    )


def test_a_healthy_silo_has_no_leaks_and_counts_everybody(healthy: None, now: datetime) -> None:
    report = doctor.examine(now=now)
    assert (report.ok, report.leaks, report.broken) == (True, (), ())
    assert report.contacts == 3 == sum(report.standings.values())
    assert set(report.standings) == set(Standing.State.values)


def _standing_gone(anna: Contact, now: datetime) -> None:
    sql("DELETE FROM nurturing_standing WHERE contact_id = %s", anna.pk)


def _no_next_moment(anna: Contact, now: datetime) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE nurturing_standing DROP CONSTRAINT standing_has_a_next_moment_unless_stopped")
    sql("UPDATE nurturing_standing SET next_at = NULL WHERE contact_id = %s", anna.pk)


def _stopped_for_no_reason(anna: Contact, now: datetime) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE nurturing_standing DROP CONSTRAINT standing_stopped_has_a_reason")
    sql("UPDATE nurturing_standing SET state = 'stopped', stop_reason = '' WHERE contact_id = %s", anna.pk)


def _moved_to_never(anna: Contact, now: datetime) -> None:
    sql("UPDATE nurturing_standing SET next_at = '2099-01-01Z' WHERE contact_id = %s", anna.pk)


def _search_line_gone(anna: Contact, now: datetime) -> None:
    sql("DELETE FROM contacts_contactsearch WHERE contact_id = %s", anna.pk)


def _send_gone(anna: Contact, now: datetime) -> None:
    accepted(anna, now)
    sql("DELETE FROM nurturing_send WHERE contact_id = %s", anna.pk)


def _decision_gone(anna: Contact, now: datetime) -> None:
    accepted(anna, now)
    sql("DELETE FROM nurturing_decision WHERE contact_id = %s", anna.pk)


def _sent_after_the_stop(anna: Contact, now: datetime) -> None:
    sql(
        "INSERT INTO contacts_suppression (address, address_hash, channel, reason, source, at)"
        " VALUES (%s, 'x', 'mail', 'unsubscribed', 'test', %s)",
        anna.email_key,
        now - timedelta(days=2),
    )
    accepted(anna, now)


def _lease_forgotten(anna: Contact, now: datetime) -> None:
    send = accepted(anna, now)
    sql(
        "UPDATE nurturing_send SET state = 'attempting', attempt = 1, finished_at = NULL, lease_until = %s WHERE id = %s",
        now - timedelta(hours=3),
        send.pk,
    )


def _reminder_slept_through(anna: Contact, now: datetime) -> None:
    Reminder.objects.create(
        contact=anna, at=now + timedelta(hours=1), kind="ripe", because="March", made_at=now
    )
    sql(
        "UPDATE nurturing_standing SET next_at = %s WHERE contact_id = %s", now + timedelta(days=300), anna.pk
    )


def _claim_without_hold(anna: Contact, now: datetime) -> None:
    sam = cast.make_sam()
    sql(
        "INSERT INTO sales_claim (contact_id, by_id, at, expires_at, release_reason) VALUES (%s, %s, %s, %s, '')",
        anna.pk,
        sam.pk,
        now,
        now + timedelta(minutes=30),
    )


def _heat_from_nowhere(anna: Contact, now: datetime) -> None:
    sql("UPDATE nurturing_standing SET heat = 475.0, heat_rule = 1 WHERE contact_id = %s", anna.pk)


def _queued_though_stopped(anna: Contact, now: datetime) -> None:
    Handoff.objects.create(contact=anna, kind="replied", opened_at=now, because="Replied")
    sql(
        "UPDATE nurturing_standing SET state = 'stopped', stop_reason = 'unsubscribed', next_at = NULL WHERE contact_id = %s",
        anna.pk,
    )


LEAKS: dict[Callable[[Contact, datetime], None], str] = {
    _standing_gone: "contact_without_standing",
    _no_next_moment: "no_next_moment",
    _stopped_for_no_reason: "stopped_without_reason",
    _moved_to_never: "standing_drift",
    _search_line_gone: "not_findable",
    _send_gone: "decision_without_send",
    _decision_gone: "send_without_decision",
    _sent_after_the_stop: "sent_against_a_stop",
    _lease_forgotten: "lease_run_out",
    _reminder_slept_through: "reminder_slept_through",
    _claim_without_hold: "claim_unknown_to_the_clock",
    _queued_though_stopped: "stopped_and_queued",
}


@pytest.mark.parametrize(("plant", "name"), LEAKS.items(), ids=LEAKS.values())
def test_each_planted_leak_is_found_by_name(
    healthy: None, anna: Contact, now: datetime, plant: Callable[[Contact, datetime], None], name: str
) -> None:
    plant(anna, now)
    report = doctor.examine(now=now)
    assert not report.ok
    assert name in [leak.name for leak in report.leaks]


def test_ten_leaks_at_once_are_all_named(healthy: None, anna: Contact, now: datetime) -> None:
    others = [cast.contact(f"Leak{number}", "Larsen") for number in range(len(LEAKS))]
    standing.recompute_everybody(now=now)
    for number, (plant, other) in enumerate(zip(LEAKS, others, strict=True)):
        if plant not in (_send_gone, _decision_gone, _sent_after_the_stop, _lease_forgotten):
            plant(other, now)
        else:
            _with_own_key(plant, other, now, f"piece:{number}:1")
    named = {leak.name for leak in doctor.examine(now=now).leaks}
    assert set(LEAKS.values()) <= named


def _with_own_key(
    plant: Callable[[Contact, datetime], None], other: Contact, now: datetime, key: str
) -> None:
    plant(other, now)
    sql("UPDATE nurturing_send SET dedupe_key = %s WHERE contact_id = %s", key, other.pk)
    sql("UPDATE nurturing_decision SET dedupe_key = %s WHERE contact_id = %s", key, other.pk)


def test_a_temperature_that_its_events_do_not_explain_is_broken(
    healthy: None, anna: Contact, now: datetime
) -> None:
    _heat_from_nowhere(anna, now)
    report = doctor.examine(now=now)
    assert report.temperature_drift > 1e-6
    assert not report.ok


def test_the_command_prints_the_words_of_scripts_and_exits_1(
    healthy: None, anna: Contact, now: datetime
) -> None:
    said = _run()
    assert said["ok"] is True
    assert said["leaks"] == 0
    assert said["broken"] == []
    assert set(said["sends"]) == {"due", "accepted", "skipped", "failed", "unknown", "waiting"}
    _standing_gone(anna, now)
    with pytest.raises(SystemExit) as stop:
        _run()
    assert stop.value.code == 1


def _run() -> dict[str, object]:
    out = StringIO()
    call_command("doctor", json=True, stdout=out)
    found: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
    return found


def test_the_page_is_for_admins(healthy: None, ada: User, sam: User) -> None:
    assert cast.client_of(ada).get("/doctor/").status_code == 200
    assert cast.client_of(sam).get("/doctor/").status_code == 403
    assert Client().get("/doctor/").status_code == 302


def test_the_page_of_a_large_silo_shows_the_last_report_and_says_so(
    healthy: None, ada: User, anna: Contact, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "SMALL", 0)
    overview.examine_and_keep(now=now)
    Standing.objects.filter(contact=anna).delete()
    try:
        told = cast.client_of(ada).get("/doctor/").content.decode()
    finally:
        cache.delete(overview.EXAMINED)
    assert "0 leaks" in told
    assert "examined just now" not in told


@pytest.fixture
def rested() -> Iterator[None]:
    """Nobody has gone round yet, and nothing is left of it."""
    cache.delete_many([overview.RESTS, overview.EXAMINED])
    yield
    cache.delete_many([overview.RESTS, overview.EXAMINED])


def test_the_doctor_rests_in_proportion_to_its_last_round(
    healthy: None, rested: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "RESTS_FOR", 10_000)

    assert overview.go_round(now=now)
    assert not overview.go_round(now=now)

    monkeypatch.setattr(overview, "RESTS_FOR", 0)
    cache.delete(overview.RESTS)
    assert overview.go_round(now=now)
    assert overview.go_round(now=now), "a short round needs no rest"


def test_two_rounds_never_go_side_by_side(healthy: None, rested: None, now: datetime) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [overview.LOCK])
        assert not overview.go_round(now=now)
        assert overview.kept_report() is None
    finally:
        other.close()

    assert overview.go_round(now=now)


def test_the_page_names_the_leak(healthy: None, ada: User, anna: Contact, now: datetime) -> None:
    _standing_gone(anna, now)
    assert "contact_without_standing" in cast.client_of(ada).get("/doctor/").content.decode()


def test_what_a_colleague_decided_about_needs_nobody_any_more(
    healthy: None, anna: Contact, ada: User, now: datetime
) -> None:
    send = accepted(anna, now)
    Send.objects.filter(pk=send.pk).update(state="unknown", reason="no_answer")
    assert doctor.examine(now=now).unknown == (send.pk,)
    unknown.count_as_sent(send_id=send.pk, by=ada, now=now)
    report = doctor.examine(now=now)
    assert (report.unknown, report.notes) == ((), ())
    assert report.sends.unknown == 1


def test_equal_counts_do_not_hide_one_mail_lost_and_one_made_up(
    healthy: None, anna: Contact, now: datetime
) -> None:
    send = accepted(anna, now)
    sql("UPDATE nurturing_send SET dedupe_key = 'piece:0:0' WHERE id = %s", send.pk)
    report = doctor.examine(now=now)
    assert report.sends.difference == 0
    assert {"decision_without_send", "send_without_decision"} <= {leak.name for leak in report.leaks}


@pytest.mark.django_db(transaction=True)
def test_what_colleagues_do_while_the_doctor_looks_is_no_leak(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = cast.make_anna()
    standing.recompute_everybody(now=now)
    load = position.load
    paused: list[int] = []

    def after_a_pause(contact_ids: Sequence[int]) -> position.Snapshot:
        """The doctor has read the standings, and is about to read the rows behind them."""
        if not paused:
            paused.append(anna.pk)  # the pause itself reads the rows, too
            colleague = threading.Thread(target=pause_and_leave)
            colleague.start()
            colleague.join()
        return load(contact_ids)

    def pause_and_leave() -> None:
        try:
            pause.start(contact_id=anna.pk, until=now + timedelta(days=30), because="", now=now)
        finally:
            connection.close()

    monkeypatch.setattr(position, "load", after_a_pause)
    assert doctor.examine(now=now).broken == ()
    monkeypatch.undo()
    assert Standing.objects.get(pk=anna.pk).state == Standing.State.PAUSED
    assert doctor.examine(now=now).broken == ()


def test_the_doctor_names_some_who_were_not_told_and_leads_to_the_list(ada: User) -> None:
    one = cast.contact("Sven", "Ek", company=None, country="SE", informed_at=None)
    Contact.objects.filter(pk=one.pk).update(obtained=Contact.Obtained.LIST)
    report = doctor.examine(now=clock.now())
    assert report.as_json()["not_told_sample"] == [one.pk]
    assert f"/people/{one.pk}/" in report.notes[-1]
    assert 'href="/privacy/told/"' in cast.client_of(ada).get("/doctor/").content.decode()
