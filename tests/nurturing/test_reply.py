"""What answers lead to: a person's words, an absence, a farewell, a no, and machines that answer machines."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contacts.models import AuditEvent, Contact, Suppression
from nurturing.inbound import reading
from nurturing.models import EngagementEvent, Enrollment, Handoff, Pause, Reply, Send, Standing
from nurturing.sending import tokens
from nurturing.services import enrollment, incoming, pause, reply
from tests.cast import NOW
from tests.nurturing import mailing, supply

pytestmark = pytest.mark.django_db


def answer(text: str, sender: str, subject: str = "Re: Priser 2027", **headers: str) -> reading.Incoming:
    kept = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return reading.Incoming(headers=kept, subject=subject, text=text, from_address=sender)


def automatic(text: str, sender: str, subject: str = "Autosvar: Priser 2027") -> reading.Incoming:
    return answer(
        text, sender, subject, auto_submitted="auto-replied", message_id=f"<{hash(text)}@x.example>"
    )


def receive(mail: reading.Incoming, at: datetime = NOW) -> incoming.Received:
    return incoming.receive(mail, source="test", now=at)


def enrolled(person: Contact) -> None:
    made = supply.sequence("Webinar", ("tack", 0), ("fall", 7))
    enrollment.start(contact_ids=[person.pk], sequence_id=made.pk, by=None, source="test", now=NOW)


def test_an_absence_moves_the_next_touch_past_the_return(anna: Contact) -> None:
    receive(automatic("Jag är på semester till och med 28 november.", str(anna.email)))
    kept = Reply.objects.get()
    assert (kept.kind, kept.returns_on) == ("out_of_office", date(2026, 11, 29))
    standing = Standing.objects.get(contact=anna)
    assert standing.state == "paused"
    assert standing.next_at is not None
    # Midnight after the day of the return, in Stockholm.
    assert standing.next_at == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert "29 November" in Pause.objects.get().because
    assert not Handoff.objects.exists()


def test_a_longer_silence_stays(anna: Contact) -> None:
    agreed = NOW + timedelta(days=90)
    pause.start(contact_id=anna.pk, until=agreed, because="until spring", now=NOW)
    receive(automatic("Jag är tillbaka den 1 december.", str(anna.email)))
    assert Pause.objects.get(ended_at=None).until == agreed


@pytest.mark.parametrize("text", ["Jag är på semester.", "Jag var borta till och med 3 augusti."])
def test_an_absence_without_a_day_that_lies_ahead_changes_nothing(anna: Contact, text: str) -> None:
    receive(automatic(text, str(anna.email)))
    assert Reply.objects.get().returns_on is None
    assert not Pause.objects.exists()
    assert Standing.objects.get(contact=anna).state == "nurtured"


def test_a_farewell_ends_the_sequence_and_asks_for_the_successor(anna: Contact) -> None:
    enrolled(anna)
    text = "Hej! Jag har slutat på Fjordmek. Kontakta Lars Berg, lars.berg@fjordmek.example, 070-123 45 67."
    receive(automatic(text, str(anna.email)))
    assert Reply.objects.get().kind == "left"
    assert Enrollment.objects.get().ended_at == NOW
    task = Handoff.objects.open().get()
    assert task.kind == "successor"
    assert task.because == (
        "Has left Fjordmek AS. Instead: Lars Berg, lars.berg@fjordmek.example, 070-123 45 67"
    )
    assert Standing.objects.get(contact=anna).state == "hot"
    assert not Suppression.objects.exists()


def test_a_farewell_that_names_nobody_says_so(anna: Contact) -> None:
    receive(automatic("Anna arbetar inte längre hos oss.", str(anna.email)))
    assert "names nobody" in Handoff.objects.open().get().because


@pytest.mark.parametrize("kind", ["absence", "receipt", "ticket"])
def test_a_machine_never_counts_as_an_answer(anna: Contact, kind: str) -> None:
    enrolled(anna)
    mails = {
        "absence": automatic("Jag är på semester.", str(anna.email)),
        "receipt": answer("Ditt meddelande lästes", str(anna.email), "Läst: Priser"),
        "ticket": answer(
            "Tack! Vi återkommer.", str(anna.email), "[Ärende #48213]", auto_submitted="auto-generated"
        ),
    }
    receive(mails[kind])
    assert Enrollment.objects.get().ended_at is None
    assert not Handoff.objects.exists()
    assert not EngagementEvent.objects.filter(type="replied").exists()


def test_a_person_ends_the_sequence_and_is_in_the_queue_at_once(anna: Contact) -> None:
    enrolled(anna)
    receive(answer("Vad kostar tio?", str(anna.email)))
    assert Enrollment.objects.get().end_reason == "replied"
    assert Handoff.objects.open().get().kind == "replied"
    assert Standing.objects.get(contact=anna).state == "hot"


@pytest.mark.parametrize(
    ("text", "verb", "stops"),
    [
        (f"Hej! Jag begär enligt artikel 17 att ni raderar alla mina personuppgifter. {'Bekräfta det. ' * 20}",
         "rights.erase_asked", True),
        ("Hvor har dere fått min adresse fra?", "rights.export_asked", False),
    ],
)  # fmt: skip
def test_a_demand_of_the_law_waits_for_an_admin(anna: Contact, text: str, verb: str, stops: bool) -> None:
    receive(answer(text, str(anna.email)))
    assert AuditEvent.objects.filter(contact_id=anna.pk, verb=verb).count() == 1
    task = Handoff.objects.open().get()
    assert task.kind == "replied"
    assert "An admin" in task.because
    assert Suppression.objects.exists() is stops


def test_a_colleague_who_answers_is_known_by_the_number_of_our_mail(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=2))
    number = tokens.message_id(mail.pk, "ours.example")
    receive(answer("Det är jag som köper in.", "lars@fjordmek.example", references=f"<x@y> <{number}>"))
    assert Reply.objects.get().contact_id == anna.pk


def test_a_token_in_the_address_beats_who_writes(anna: Contact, dana: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=2))
    token = tokens.message_id(mail.pk, "x").partition("@")[0]
    got = reading.Incoming(
        {}, "Re: x", "Hej", from_address=str(dana.email), to_addresses=(f"svar+{token}@ours.example",)
    )
    assert receive(got).contact_id == anna.pk


def test_a_no_in_an_answer_stops_and_nobody_calls(anna: Contact) -> None:
    receive(answer("Hei!\n\nVennligst fjern meg fra listen.\n\nMed vennlig hilsen\nAnna", str(anna.email)))
    assert Suppression.objects.get().reason == "unsubscribed"
    assert not Handoff.objects.exists()


def test_two_machines_do_not_keep_each_other_busy_through_us(anna: Contact) -> None:
    """An automatic answer without any sign of being one, to every answer of its own."""
    mails = Send.objects.count()
    for number in range(40):
        mail = answer("Tack för ditt mail!", str(anna.email), message_id=f"<{number}@x.example>")
        receive(mail, NOW + timedelta(minutes=number))
    assert Send.objects.count() == mails
    kinds = list(Reply.objects.order_by("at").values_list("kind", flat=True))
    assert kinds.count("human") <= reply.LOOP
    assert Handoff.objects.filter(kind="replied").count() == 1


def test_our_own_mail_that_comes_back_is_nobodys_answer(anna: Contact) -> None:
    ours = mailing.sender().email
    mail = mailing.sent(anna, at=NOW - timedelta(days=2))
    receive(answer("Hej!", ours, references=f"<{tokens.message_id(mail.pk, 'x')}>"))
    assert Reply.objects.get().kind == "automatic"
    assert not Handoff.objects.exists()
