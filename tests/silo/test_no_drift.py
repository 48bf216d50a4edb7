"""Every write there is, each once: afterwards every standing says what its rows say, and the doctor has nothing to say.

An action that forgets to let the silo judge its people again is found here, as is one that leaves a mail, a run or a
hand-off behind. After each the clock goes round once more, and all must still be well.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction

from contacts.models import Contact, Suppression
from contacts.queries import gate
from contacts.services import contact as contacts
from contacts.services import ground, image, import_batch, import_undo, import_work, merge, suppression
from nurturing.models import EngagementEvent, Enrollment, Piece, Send, Sender, Sequence
from nurturing.queries import receipts
from nurturing.queries.live import is_live
from nurturing.services import (
    delivery,
    engagement,
    enrollment,
    evidence,
    live,
    pause,
    piece,
    preference,
    reminder,
    rhythm,
    sequence,
    standing,
    tick,
)
from sales.models import Opportunity
from sales.services import claim, opportunity, outcome, referral
from silo.models import User
from silo.queries import doctor
from tests import cast
from tests.nurturing import mailing, posting, supply
from tests.sales import stage

pytestmark = pytest.mark.django_db

SHARED = "+4755010299"
"""The switchboard: three people have it."""


@dataclass
class Scene:
    """A silo at work: somebody in a sequence, hot, silent, awaited, stopped; mails that left and one that waits."""

    now: datetime
    sam: User
    mira: User
    ada: User
    anna: Contact  # has read a lot, waits in the queue, has a phone
    berit: Contact  # in a sequence, no phone
    carl: Contact  # only a phone, the switchboard's; in a sequence
    dana: Contact  # a date in March
    erik: Contact  # paused
    frida: Contact  # got a mail and read it, the switchboard's phone
    sequence: Sequence
    piece: Piece

    def events(self, person: Contact, kind: str, **more: object) -> None:
        """Something that the person did."""
        engagement.record(
            [
                engagement.NewEvent(
                    contact_id=person.pk,
                    type=kind,
                    at=self.now,
                    source="test",
                    key=f"{person.pk} {kind}",
                    **more,  # type: ignore[arg-type]
                )
            ],
            now=self.now,
        )

    def mail_to(self, person: Contact) -> Send:
        """The last mail of somebody."""
        return Send.objects.filter(contact=person).latest("pk")

    def list(self, text: str, ground: str = "consent") -> int:
        """A list that is brought in."""
        batch = import_batch.receive(
            name="list.csv", file=ContentFile(text.encode(), "list.csv"), by=self.mira, now=self.now
        )
        import_batch.settle(batch=batch, fields=batch.reading["fields"], ground=ground)
        import_batch.begin(batch_id=batch.pk, by=self.mira, now=self.now)
        assert import_work.run(batch_id=batch.pk, now=self.now).state == "done"
        return batch.pk

    def undo_list(self, batch_id: int) -> None:
        """…and taken back."""
        import_undo.begin(batch_id=batch_id, by=self.mira, now=self.now)
        assert import_undo.run(batch_id=batch_id, now=self.now).state == "undone"


@pytest.fixture
def scene(now: datetime, settings: object, tmp_path: object) -> Scene:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    posting.sender()
    text = posting.published("Hei", language="nb")
    first, second = (
        posting.piece(text, "First"),
        posting.piece(posting.published("Hello", language="en"), "Second"),
    )
    Piece.objects.filter(pk=first.pk).update(language="nb")
    Piece.objects.filter(pk=second.pk).update(language="en")
    run = supply.sequence("Webinar", ("one", 0), ("two", 5))
    run.live_version.steps.update(mail=text)  # type: ignore[union-attr]
    sam, mira, ada = cast.make_sam(), cast.make_mira(), cast.make_ada()
    made = Scene(
        now,
        sam,
        mira,
        ada,
        cast.make_anna(),
        cast.contact("Berit", "By", language="nb"),
        cast.contact("Carl", "Dal", email=None, phone=SHARED),
        cast.make_dana(),
        cast.contact("Erik", "Eng"),
        cast.contact("Frida", "Fjell", phone=SHARED, language="nb"),
        run,
        first,
    )
    cast.make_boris()
    cast.make_chen()
    early = now - timedelta(hours=1)
    standing.recompute_everybody(now=early)
    enrollment.start(
        contact_ids=[made.berit.pk, made.carl.pk], sequence_id=run.pk, by=mira, source="test", now=early
    )
    pause.start(contact_id=made.erik.pk, until=now + timedelta(days=30), because="away", by=sam, now=early)
    _round(early)
    stage.make_hot(made.anna, now)
    made.events(made.frida, "clicked", level="bofu", send_id=made.mail_to(made.frida).pk)
    assert Send.objects.filter(state="accepted").count() >= 3
    assert_well(now)
    return made


def _round(now: datetime) -> None:
    """The clock goes round: plan, deliver, judge hits, let go of claims. A live silo has no server here to deliver to."""
    tick.tick(now=now)
    if not is_live():
        while delivery.deliver_due(now=now, worker="test").claimed:
            pass
    evidence.grade(now=now + timedelta(seconds=11))
    claim.expire(now=now)


def assert_well(now: datetime) -> None:
    """Nobody drifts, no leak, no lost mail, and every temperature is the sum of its receipts."""
    report = doctor.examine(now=now)
    assert report.broken == (), [(leak.name, leak.sample) for leak in report.leaks]
    everybody = list(Contact.objects.values_list("pk", flat=True))
    lines = receipts.by_contact(everybody, now=now)
    for contact_id, degrees in receipts.degrees_of(everybody, now=now).items():
        assert degrees == pytest.approx(sum(one.now for one in lines.get(contact_id, [])), abs=1e-6)


# What people and colleagues do


def changed(name: str, value: object, who: str = "berit") -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        contacts.update(contact_id=getattr(s, who).pk, now=s.now, by=s.sam, **{name: value})

    act.__name__ = f"{who}_gets_{name}_{value}"
    return act


def address_of_an_opted_out(s: Scene) -> None:
    suppression.stop(
        address="gone@x.example", channel="mail", reason="unsubscribed", source="test", now=s.now
    )
    contacts.update(contact_id=s.anna.pk, now=s.now, by=s.sam, email="gone@x.example")
    assert not Enrollment.objects.filter(contact=s.anna, ended_at=None).exists()


def address_of_an_opted_out_without_phone(s: Scene) -> None:
    suppression.stop(
        address="gone@x.example", channel="mail", reason="unsubscribed", source="test", now=s.now
    )
    contacts.update(contact_id=s.berit.pk, now=s.now, by=s.sam, email="gone@x.example")


def away_from_an_opted_out_address(s: Scene) -> None:
    preference.stop(contact_id=s.frida.pk, send_id=s.mail_to(s.frida).pk, how="link", now=s.now)
    contacts.update(contact_id=s.frida.pk, now=s.now, by=s.sam, email="new@x.example")


def added(s: Scene) -> None:
    contacts.add(now=s.now, by=s.sam, email="new@x.example", ground="consent", ground_source="said so")


def ground_taken(s: Scene) -> None:
    ground.keep(contact_id=s.berit.pk, ground="none", now=s.now, by=s.mira)


def stopped(who: str, channel: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        person = getattr(s, who)
        suppression.stop_person(contact_id=person.pk, channel=channel, source="test", by=s.sam, now=s.now)

    act.__name__ = f"{who}_stopped_for_{channel}"
    return act


def stopped_and_lifted(s: Scene) -> None:
    made = suppression.stop_person(contact_id=s.anna.pk, channel="all", source="test", by=s.sam, now=s.now)
    suppression.lift_for(contact_id=s.anna.pk, suppression_ids=[one.pk for one in made], by=s.sam, now=s.now)


def domain_stopped(s: Scene) -> None:
    suppression.stop(
        address="@fjordmek.example", channel="all", reason="not_interested", source="test", now=s.now
    )


def unsubscribed(who: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        preference.stop(contact_id=getattr(s, who).pk, send_id=0, how="one-click", now=s.now)

    act.__name__ = f"{who}_unsubscribed"
    return act


def unsubscribed_and_back(s: Scene) -> None:
    mail = s.mail_to(s.frida)
    preference.stop(contact_id=s.frida.pk, send_id=mail.pk, how="link", now=s.now)
    preference.resume(contact_id=s.frida.pk, send_id=mail.pk, now=s.now)
    assert receipts.degrees(s.frida.pk, now=s.now) > 1


def hot_unsubscribed_and_back(s: Scene) -> None:
    preference.stop(contact_id=s.anna.pk, send_id=0, how="link", now=s.now)
    preference.resume(contact_id=s.anna.pk, send_id=0, now=s.now)
    assert receipts.degrees(s.anna.pk, now=s.now) > 70


def bounced_without_phone(s: Scene) -> None:
    s.events(s.berit, "bounced", send_id=s.mail_to(s.berit).pk, detail={"hard": True})


def hot_bounced_without_phone(s: Scene) -> None:
    stage.make_hot(s.berit, s.now)
    bounced_without_phone(s)


def replied_then_stopped(s: Scene) -> None:
    s.events(s.berit, "replied", what="Call me")
    preference.stop(contact_id=s.berit.pk, send_id=0, how="one-click", now=s.now)


def stopped_then_replied(s: Scene) -> None:
    preference.stop(contact_id=s.berit.pk, send_id=0, how="one-click", now=s.now)
    s.events(s.berit, "replied", what="Call me after all")


def event(who: str, kind: str, **more: object) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        s.events(getattr(s, who), kind, **more)

    act.__name__ = f"{who}_{kind}"
    return act


def clicks_by_hand_then_a_trap(s: Scene) -> None:
    mail = s.mail_to(s.frida)
    for number in range(3):
        mailing.press(mail, at=s.now - timedelta(minutes=30 - number * 7), number=number)
    evidence.grade(now=s.now - timedelta(minutes=1))
    mailing.press(mail, at=s.now - timedelta(seconds=30), kind="trap")
    evidence.grade(now=s.now)


def scanner(s: Scene) -> None:
    mail = s.mail_to(s.frida)
    for number in range(4):
        mailing.press(mail, at=s.now, number=number, address=mailing.SCANNER_ROOM)
    evidence.grade(now=s.now + timedelta(seconds=11))


def wants_september(s: Scene) -> None:
    preference.september(contact_id=s.berit.pk, send_id=0, zone=ZoneInfo("Europe/Oslo"), now=s.now)


def wants_less(s: Scene) -> None:
    preference.less_often(contact_id=s.frida.pk, send_id=0, choice=preference.Choice.QUARTERLY, now=s.now)


def asks_for_a_call(s: Scene) -> None:
    preference.call_me(contact_id=s.berit.pk, send_id=0, phone="070-1", note="now", now=s.now)


def silence_over(s: Scene) -> None:
    ended = pause.end(contact_id=s.erik.pk, now=s.now)
    assert ended
    pause.again(contact_id=s.erik.pk, pause_id=ended.pk, by=s.sam, now=s.now)
    pause.end(contact_id=s.erik.pk, now=s.now)


def a_date(s: Scene) -> None:
    made = reminder.remind(
        contact_id=s.frida.pk, at=s.now + timedelta(days=3), kind="ripe", because="then", by=s.sam, now=s.now
    )
    reminder.remind(contact_id=s.berit.pk, at=s.now, kind="call_back", because="now", by=s.sam, now=s.now)
    reminder.take_back(reminder_id=made.pk, now=s.now)


def rhythm_by_hand(s: Scene) -> None:
    rhythm.set_by_hand(contact_id=s.frida.pk, days=20, by=s.sam, now=s.now)
    rhythm.undo_by_hand(contact_id=s.frida.pk, by=s.sam, now=s.now)


def brought_in_and_undone(s: Scene) -> None:
    came = enrollment.start(
        contact_ids=[s.anna.pk, s.frida.pk, s.dana.pk],
        sequence_id=s.sequence.pk,
        by=s.mira,
        source="list",
        now=s.now,
    )
    tick.tick(now=s.now)
    assert came.batch_id
    enrollment.undo(batch_id=came.batch_id, now=s.now)


def left_and_back(s: Scene) -> None:
    ended = enrollment.stop(contact_ids=[s.berit.pk], reason="by_hand", now=s.now)
    enrollment.resume(enrollment_ids=ended, now=s.now)


def left_stopped_and_back(s: Scene) -> None:
    ended = enrollment.stop(contact_ids=[s.berit.pk], reason="by_hand", now=s.now)
    preference.stop(contact_id=s.berit.pk, send_id=0, how="one-click", now=s.now)
    enrollment.resume(enrollment_ids=ended, now=s.now)


def published_anew(s: Scene) -> None:
    by: dict[str, object] = {"sequence_id": s.sequence.pk, "by": s.mira, "now": s.now}
    sequence.add_step(subject="Three", body="Hei!", days=3, **by)  # type: ignore[arg-type]
    for step in s.sequence.versions.get(number=None).steps.exclude(subject="Three"):
        sequence.remove_step(step_key=step.key, **by)  # type: ignore[arg-type]
    sequence.publish(**by)  # type: ignore[arg-type]


def published_and_undone(s: Scene) -> None:
    published_anew(s)
    sequence.undo_publish(sequence_id=s.sequence.pk, by=s.mira, now=s.now)


def withdrawn(s: Scene) -> None:
    sequence.undo_publish(sequence_id=s.sequence.pk, by=s.mira, now=s.now)


def piece_out_and_in(s: Scene) -> None:
    piece.retire(piece_id=s.piece.pk, by=s.mira, now=s.now)
    piece.bring_back(piece_id=s.piece.pk, by=s.mira, now=s.now)


def new_piece(s: Scene) -> None:
    made = piece.make(
        title="New",
        topic_id=s.piece.topic_id,
        subject="New",
        body="Hei!",
        language="nb",
        by=s.mira,
        now=s.now,
    )
    piece.publish(piece_id=made.pk, by=s.mira, now=s.now)
    piece.edit(piece_id=made.pk, seen=piece.fingerprint(made), language="sv", by=s.mira, now=s.now)
    piece.undo_publish(piece_id=made.pk, by=s.mira, now=s.now)


def went_live(s: Scene) -> None:
    Sender.objects.update(
        transport="smtp", transport_settings={"host": "127.0.0.1", "port": 9, "security": "none"}
    )
    enrollment.start(
        contact_ids=[s.erik.pk],
        sequence_id=s.sequence.pk,
        by=s.mira,
        source="t",
        now=s.now - timedelta(days=3),
    )
    live.go(by=s.ada, now=s.now)


def brought_a_list(s: Scene) -> None:
    s.list(
        "Förnamn;Efternamn;E-post;Telefon;Land;Språk\n"
        "Nils;Ny;nils@ny.example;;SE;sv\n"
        f"Berit;By;{s.berit.email};+4746500411;SE;sv\n"
    )


def list_undone(s: Scene) -> None:
    batch = s.list(
        "Förnamn;Efternamn;E-post;Land;Språk\n"
        f"Nils;Ny;nils@ny.example;SE;sv\nBerit;By;{s.berit.email};SE;sv\n"
    )
    s.undo_list(batch)


def list_undone_after_a_mail(s: Scene) -> None:
    batch = s.list("Förnamn;E-post;Land;Språk\nNils;nils@ny.example;NO;nb\n")
    for week in range(4):
        _round(s.now + timedelta(weeks=week))
    s.now += timedelta(weeks=4)
    assert Send.objects.filter(contact__email="nils@ny.example", state="accepted").exists()
    s.undo_list(batch)


def list_that_opts_out(s: Scene) -> None:
    s.list(f"Förnamn;Efternamn;E-post;Unsubscribed from all email\nFrida;Fjell;{s.frida.email};true\n")


def list_that_opts_out_undone(s: Scene) -> None:
    batch = s.list(
        f"Förnamn;Efternamn;E-post;Unsubscribed from all email\nFrida;Fjell;{s.frida.email};true\n"
        f"Anna;Lind;{s.anna.email};true\n"
    )
    assert Suppression.objects.in_force().filter(batch_id=batch).count() == 2
    s.undo_list(batch)
    assert receipts.degrees(s.anna.pk, now=s.now) > 70


def list_that_opts_out_a_phone(s: Scene) -> None:
    s.list(f"Förnamn;Efternamn;Telefon;Unsubscribed from all email\nCarl;Dal;{SHARED};true\n")


def call(result: str, who: str = "anna", **more: object) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        outcome.record(contact_id=getattr(s, who).pk, by=s.sam, outcome=result, now=s.now, **more)  # type: ignore[arg-type]

    act.__name__ = f"{who}_call_{result}"
    return act


def call_undone(result: str, who: str = "anna", **more: object) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        person = getattr(s, who)
        standing.recompute([person.pk], now=s.now)
        before = stage.picture(person)
        made = outcome.record(contact_id=person.pk, by=s.sam, outcome=result, now=s.now, **more)  # type: ignore[arg-type]
        assert_well(s.now)
        outcome.undo(call_id=made.pk, by=s.sam, now=s.now)
        assert stage.picture(person) == before

    act.__name__ = f"{who}_call_{result}_undone"
    return act


def claimed(s: Scene) -> None:
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now)


def claimed_and_back(s: Scene) -> None:
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now)
    claim.release(contact_id=s.anna.pk, by=s.sam, now=s.now)


def claim_ran_out_before_the_sales_clock(s: Scene) -> None:
    """Between the tick and the round of claims the doctor does not cry."""
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now - timedelta(minutes=31))
    tick.tick(now=s.now)


def claimed_and_stopped(s: Scene) -> None:
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now)
    suppression.stop_person(contact_id=s.anna.pk, channel="phone", source="test", by=s.sam, now=s.now)


def deal(s: Scene) -> Opportunity:
    outcome.record(contact_id=s.anna.pk, by=s.sam, outcome="meeting", now=s.now)
    return Opportunity.objects.get(contact=s.anna)


def deal_moved(s: Scene) -> None:
    made = deal(s)
    other = type(made.stage).objects.filter(kind="open").exclude(pk=made.stage_id)[0]
    opportunity.move(opportunity_id=made.pk, stage_id=other.pk, revision=made.revision, by=s.sam, now=s.now)


def deal_lost_and_reopened(s: Scene) -> None:
    made = deal(s)
    lost = opportunity.lose(
        opportunity_id=made.pk,
        revision=made.revision,
        by=s.sam,
        now=s.now,
        because="price",
        until=date(2027, 3, 1),
    )
    assert_well(s.now)
    opportunity.reopen(opportunity_id=lost.pk, by=s.sam, now=s.now)


def deal_of_somebody_who_stops(s: Scene) -> None:
    deal(s)
    suppression.stop_person(contact_id=s.anna.pk, channel="all", source="test", by=s.sam, now=s.now)


def recommended(s: Scene) -> None:
    outcome.record(contact_id=s.anna.pk, by=s.sam, outcome="bought", now=s.now)
    referral.bring(
        asked_id=s.anna.pk, by=s.sam, now=s.now, first_name="Ny", phone="+4755010277", colleague=True
    )


SOON = date(2026, 11, 30)
PARTS = 4
"""So that two workers share them."""
PEOPLE = ("anna", "berit", "carl", "dana", "erik", "frida")
# When a row was touched, and by which rule nobody's heat was made; the history of a ground is only ever added to.
COMES_AND_GOES = {"updated_at", "changed_at", "heat_rule"}
HISTORY = {"contacts_formerground"}


def picture(people: Collection[Contact]) -> dict[str, dict[str, dict[str, object]]]:
    """Every row about these people in every table, and the stops in force, but for when a row was last touched."""
    rows = {
        table: {
            key: {name: value for name, value in row.items() if name not in COMES_AND_GOES}
            for key, row in found.items()
        }
        for table, found in image.take([one.pk for one in people]).items()
        if found and table not in HISTORY
    }
    stops = Suppression.objects.in_force().order_by("pk").values("address", "channel", "reason", "source")
    return {**rows, "stops": {str(number): dict(stop) for number, stop in enumerate(stops)}}


def assert_same(before: dict[str, dict[str, dict[str, object]]], people: Collection[Contact]) -> None:
    """As before, or else: which table, which row, which column."""
    after = picture(people)
    wrong = [
        (table, key, column, was.get(column), now.get(column))
        for table in sorted({*before, *after})
        for key in sorted({*before.get(table, {}), *after.get(table, {})})
        for was, now in [(before.get(table, {}).get(key, {}), after.get(table, {}).get(key, {}))]
        for column in sorted({*was, *now})
        if was.get(column) != now.get(column)
    ]
    assert wrong == []


def merged(kept: str, dropped: str, *take: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        one, other = getattr(s, kept), getattr(s, dropped)
        merge.merge(kept_id=one.pk, dropped_id=other.pk, take=take, by=s.sam, now=s.now)
        assert not Contact.objects.filter(pk=other.pk).exists()

    act.__name__ = f"{kept}_takes_in_{dropped}"
    return act


def merged_and_parted(kept: str, dropped: str, *take: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        pair = [getattr(s, kept), getattr(s, dropped)]
        standing.recompute([one.pk for one in pair], now=s.now)
        before = picture(pair)
        made = merge.merge(kept_id=pair[0].pk, dropped_id=pair[1].pk, take=take, by=s.sam, now=s.now)
        assert_well(s.now)
        merge.part(merge_id=made.pk, by=s.sam, now=s.now)
        assert_same(before, pair)

    act.__name__ = f"{kept}_takes_in_{dropped}_and_back"
    return act


def merged_with_an_opted_out(s: Scene) -> None:
    preference.stop(contact_id=s.frida.pk, send_id=0, how="link", now=s.now)
    merged("anna", "frida")(s)
    assert not gate.verdict(s.anna.pk).allowed


ACTIONS: list[Callable[[Scene], None]] = [
    *(
        changed(name, value, who)
        for who in ("berit", "frida")
        for name, value in (
            ("email", "other@x.example"),
            ("email", ""),
            ("phone", "+4755010288"),
            ("language", "sv"),
            ("time_zone", "America/New_York"),
            ("country", "US"),
            ("company", "Acme Inc"),
            ("recipient", "natural_person"),
            ("tags", ["vip"]),
        )
        if (who, name, value) != ("berit", "email", "")
    ),
    changed("phone", "", "frida"),
    address_of_an_opted_out,
    address_of_an_opted_out_without_phone,
    away_from_an_opted_out_address,
    added,
    ground_taken,
    *(
        stopped(who, channel)
        for who, channel in (
            ("anna", "mail"), ("anna", "phone"), ("anna", "all"), ("berit", "mail"), ("carl", "phone"),
            ("carl", "all"), ("frida", "mail"), ("frida", "phone"), ("frida", "all"),
        )
    ),
    stopped_and_lifted,
    domain_stopped,
    *(unsubscribed(who) for who in ("anna", "berit", "frida", "dana", "erik")),
    unsubscribed_and_back,
    hot_unsubscribed_and_back,
    bounced_without_phone,
    hot_bounced_without_phone,
    replied_then_stopped,
    stopped_then_replied,
    *(event("berit", kind) for kind in EngagementEvent.Type.values),
    *(event("anna", kind) for kind in ("complained", "replied", "clicked", "call_me")),
    clicks_by_hand_then_a_trap,
    scanner,
    wants_september,
    wants_less,
    asks_for_a_call,
    silence_over,
    a_date,
    rhythm_by_hand,
    brought_in_and_undone,
    left_and_back,
    left_stopped_and_back,
    published_anew,
    published_and_undone,
    withdrawn,
    piece_out_and_in,
    new_piece,
    went_live,
    brought_a_list,
    list_undone,
    list_undone_after_a_mail,
    list_that_opts_out,
    list_that_opts_out_undone,
    list_that_opts_out_a_phone,
    *(
        make(result, who, **more)  # type: ignore[operator]
        for make in (call, call_undone)
        for who in ("anna", "carl")
        for result, more in (
            ("meeting", {}), ("opportunity", {}), ("follow_up", {"until": SOON}), ("not_now", {"until": SOON}),
            ("no_answer", {}), ("wrong_person", {}), ("wrong_person", {"because": "left"}),
            ("not_hot", {"because": "curious"}), ("not_interested", {}), ("do_not_call", {}), ("bought", {}),
        )
    ),
    claimed,
    claimed_and_back,
    claim_ran_out_before_the_sales_clock,
    claimed_and_stopped,
    deal_moved,
    deal_lost_and_reopened,
    deal_of_somebody_who_stops,
    recommended,
    *(
        make(kept, dropped, *take)
        for make in (merged, merged_and_parted)
        for kept, dropped, take in (
            ("anna", "berit", ()), ("berit", "anna", ("email", "phone")), ("frida", "carl", ("phone",)), ("carl", "frida", ()),
            ("berit", "carl", ()), ("dana", "erik", ("title",)), ("erik", "dana", ("email",)), ("carl", "anna", ("email",)),
        )
    ),
    merged_with_an_opted_out,
]  # fmt: skip


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, PARTS))])
def test_after_everything_that_can_be_done_all_is_well(scene: Scene, part: int) -> None:
    """Each action on the same scene, and taken back."""
    wrong = {}
    for act in ACTIONS[part::PARTS]:
        moment = scene.now
        with transaction.atomic():
            try:
                with transaction.atomic():
                    act(scene)
                    assert_well(scene.now)
                    later = scene.now + timedelta(seconds=90)
                    _round(later)
                    assert_well(later)
            except (AssertionError, DatabaseError) as fault:
                wrong[act.__name__] = str(fault)
            transaction.set_rollback(True)
        scene.now = moment
    assert wrong == {}
