"""Double opt-in: the owner of an address says yes, and only then there is a consent, with its proof."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from contacts.models import Contact, LegalGround, Suppression
from contacts.queries import gate
from contacts.reading import values
from contacts.services import suppression
from nurturing.models import Confirmation, Enrollment, JoinForm, SandboxMail, Send, Sequence
from nurturing.queries import confirmation as queries
from nurturing.services import delivery, joining, sequence
from silo.models import User
from tests import cast
from tests.nurturing import mailing

G, P = LegalGround.Ground, LegalGround.Purpose
pytestmark = pytest.mark.django_db
WORDING = "Ja, Nordvik får mejla mig nyheter om underhåll, högst två i månaden."


@pytest.fixture
def form(mira: User, now: datetime) -> JoinForm:
    mailing.sender()
    made = JoinForm(
        name="Webinar",
        heading="Häng med",
        wording=WORDING,
        invitation_wording="Ja, bjud in mig.",
        language="sv",
    )
    return joining.save_form(form=made, topics=[], by=mira, now=now)


def ask(form: JoinForm, now: datetime, email: str = "ny@firma.example", **more: Any) -> Confirmation | None:
    return joining.ask(form=form, wish=joining.Wish(email=email, **more), ip="192.0.2.9", now=now)


def asked(form: JoinForm, now: datetime, email: str = "ny@firma.example", **more: Any) -> Confirmation:
    made = ask(form, now, email, **more)
    assert made is not None
    return made


def deliver(now: datetime) -> None:
    delivery.deliver_due(now=now, worker="tests")


def test_a_stranger_is_stored_without_ground_and_asked_by_a_mail_that_tracks_nobody(
    form: JoinForm, now: datetime
) -> None:
    one = asked(form, now, first_name="Nya", last_name="Person")
    assert not gate.verdict(one.contact_id).allowed
    assert (one.contact.obtained, one.contact.way_in, one.made_contact) == ("self", "form", True)
    deliver(now)
    send = Send.objects.get(confirmation=one)
    assert (send.state, send.kind) == ("accepted", "confirm")
    raw = bytes(SandboxMail.objects.get(send=send).raw).decode().replace("=\r\n", "")
    assert len(re.findall(r"/confirm/[A-Za-z0-9_-]{20,}/", raw)) >= 1
    assert "/c/" not in raw and "/t/" not in raw


def test_a_yes_is_a_consent_with_wording_moment_machine_and_mail(form: JoinForm, now: datetime) -> None:
    one = asked(form, now, rhythm_days=91.0, invitations=True)
    later = now + timedelta(hours=3)
    joining.confirm(confirmation_id=one.pk, ip="198.51.100.4", now=later)
    kept = {row.purpose: row for row in LegalGround.objects.filter(contact=one.contact_id)}
    news = kept[P.MARKETING]
    assert (news.ground, news.wording, news.at, news.ip) == (G.CONSENT, WORDING, later, "198.51.100.4")
    assert str(one.send_id) in news.source
    assert kept[P.INVITATION].wording == "Ja, bjud in mig."
    assert gate.verdict(one.contact_id).allowed
    assert Contact.objects.get(pk=one.contact_id).informed_at
    with pytest.raises(joining.NotOpen):
        joining.confirm(confirmation_id=one.pk, ip="", now=later)


def test_a_wording_that_is_changed_later_is_not_what_they_agreed_to(
    form: JoinForm, now: datetime, mira: User
) -> None:
    one = asked(form, now)
    form.wording = "Ja till allt."
    joining.save_form(form=form, topics=[], by=mira, now=now)
    joining.confirm(confirmation_id=one.pk, ip="", now=now)
    assert LegalGround.objects.get(contact=one.contact_id, purpose="marketing").wording == WORDING


def test_after_a_week_the_question_is_closed(form: JoinForm, now: datetime) -> None:
    one = asked(form, now)
    with pytest.raises(joining.NotOpen):
        joining.confirm(confirmation_id=one.pk, ip="", now=now + timedelta(days=7))


def test_a_stopped_person_who_asks_by_themselves_is_answered_and_their_own_stop_ends_with_their_yes(
    form: JoinForm, now: datetime
) -> None:
    chen = cast.make_chen()
    one = asked(form, now, chen.email or "")
    deliver(now)
    assert Send.objects.get(confirmation=one).state == "accepted"
    assert not gate.verdict(chen.pk).allowed, "asking alone changes nothing"
    joining.confirm(confirmation_id=one.pk, ip="", now=now)
    assert gate.verdict(chen.pk).allowed


@pytest.mark.parametrize("reason", ["bounced", "complained", "not_interested"])
def test_a_mail_that_cannot_arrive_or_was_reported_is_not_sent(
    form: JoinForm, now: datetime, reason: str
) -> None:
    anna = cast.make_anna()
    suppression.stop(address=anna.email or "", channel="mail", reason=reason, source="x", now=now)
    one = asked(form, now, anna.email or "")
    deliver(now)
    send = Send.objects.get(confirmation=one)
    assert (send.state, send.reason) == ("skipped", f"suppressed:{reason}")


def test_a_colleagues_stop_is_not_theirs_to_lift(form: JoinForm, now: datetime) -> None:
    anna = cast.make_anna()
    suppression.stop(address=anna.email or "", channel="mail", reason="by_hand", source="Sam", now=now)
    one = asked(form, now, anna.email or "")
    joining.confirm(confirmation_id=one.pk, ip="", now=now)
    assert Suppression.objects.in_force().filter(reason="by_hand").exists()


def test_an_address_is_asked_twice_a_day_and_five_times_a_month_at_most(
    form: JoinForm, now: datetime
) -> None:
    moments = [now + timedelta(hours=hours) for hours in (0, 1, 2)]
    assert [ask(form, at) is not None for at in moments] == [True, True, False]
    days = [now + timedelta(days=day, hours=5) for day in (2, 4, 6, 8)]
    assert [ask(form, at) is not None for at in days] == [True, True, True, False]


def test_an_imported_person_without_ground_is_not_asked_by_us(
    form: JoinForm, now: datetime, mira: User
) -> None:
    kari = cast.contact("Kari", "Moe", ground=G.LEGITIMATE_INTEREST, email="kari@moe.no", country="NO")
    with pytest.raises(joining.NotAllowed) as refused:
        joining.ask_known(contact_id=kari.pk, form=form, by=mira, now=now)
    assert refused.value.verdict.reason == "norway_needs_consent"
    assert not Send.objects.exists()


def test_the_gate_is_asked_again_when_our_own_question_leaves(
    form: JoinForm, now: datetime, mira: User
) -> None:
    sven = cast.contact("Sven", "Ek", ground=G.LEGITIMATE_INTEREST, email="sven@ek.example", country="SE")
    one = joining.ask_known(contact_id=sven.pk, form=form, by=mira, now=now)
    LegalGround.objects.filter(contact=sven).update(ground="none")
    deliver(now)
    send = Send.objects.get(confirmation=one)
    assert (send.kind, send.state, send.reason) == ("ask", "skipped", "no_ground")


def test_a_yes_begins_the_sequence_once(form: JoinForm, now: datetime, mira: User) -> None:
    made = sequence.make(name="Välkommen", purpose="", by=mira, now=now)
    sequence.add_step(
        sequence_id=made.pk,
        subject="Hej",
        preheader="",
        body="Hej [x](https://x.example)",
        days=1,
        by=mira,
        now=now,
    )
    sequence.publish(sequence_id=made.pk, by=mira, now=now)
    form.sequence = Sequence.objects.get(pk=made.pk)
    joining.save_form(form=form, topics=[], by=mira, now=now)
    first, again = asked(form, now), asked(form, now)
    for one in (first, again):
        joining.confirm(confirmation_id=one.pk, ip="", now=now)
    assert Enrollment.objects.filter(contact=first.contact_id, sequence=made).count() == 1


def test_an_address_that_is_none_is_said_at_once(form: JoinForm, now: datetime) -> None:
    with pytest.raises(values.Problem):
        ask(form, now, "nobody")
    assert not Contact.objects.exists()


def test_who_never_confirmed_is_found_for_the_retention_rule(form: JoinForm, now: datetime) -> None:
    silent, said_yes, known = asked(form, now), asked(form, now, "ja@firma.example"), cast.make_anna()
    asked(form, now, known.email or "")
    joining.confirm(confirmation_id=said_yes.pk, ip="", now=now)
    found = queries.never_confirmed(now + timedelta(days=30))
    assert [one.pk for one in found] == [silent.contact_id]
