"""Standings and the weeks ahead, as one would say them."""

from datetime import datetime, timedelta

import pytest

from contacts.models import Contact
from nurturing.models import Handoff, SalesHold, Standing
from nurturing.queries import coming
from nurturing.queries import standing as standings
from nurturing.services import enrollment, pause, standing, tick
from silo.models import User
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db


def said(person: Contact, now: datetime) -> str:
    standing.recompute([person.pk], now=now)
    return standings.sentence(Standing.objects.get(pk=person.pk), now=now)


def test_the_weeks_ahead_come_with_titles_times_and_places(now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0), ("case", 7))
    supply.piece("Sparte strøm")
    finn = cast.contact("Finn", "Mäki", country="FI", language="nb")
    enrollment.start(contact_ids=[finn.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    ahead = coming.of(finn.pk, now=now)
    assert [(one.what, one.title, one.origin) for one in ahead] == [
        ("step", "hello", "Webinar"),
        ("step", "case", "Webinar"),
        ("finish", "", ""),
        ("piece", "Sparte strøm", ""),
    ]
    assert ahead[0].when(now=now) == "today 10:30, Helsinki"


def test_what_was_foreseen_is_what_happens(anna: Contact, now: datetime) -> None:
    supply.piece("Sparte strøm")
    webinar = supply.sequence("Webinar", ("hello", 0), ("case", 7))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    foreseen = [one.at for one in coming.of(anna.pk, now=now) if one.title]
    came = []
    for moment in foreseen:
        assert tick.tick(now=moment - timedelta(seconds=1)).planned == 0
        assert tick.tick(now=moment).planned == 1
        anna.sends.update(state="accepted", finished_at=moment)
        came.append(moment)
    assert len(came) == 3


def test_a_sentence_for_everyone(
    anna: Contact, boris: Contact, chen: Contact, dana: Contact, sam: User, now: datetime
) -> None:
    supply.piece("Sparte strøm")
    standing.recompute([anna.pk], now=now)
    olav = cast.contact("Olav", "Dahl", at=now)
    assert said(olav, now).startswith("In the silo. Next: “Sparte strøm”, ")
    assert said(olav, now).endswith(", their first mail.")
    assert said(chen, now) == "Stopped: asked for no more mail."
    assert said(boris, now).startswith(
        "In the silo, without mail. Stopped: the address does not exist. We look again "
    )
    pause.start(contact_id=dana.pk, until=now + timedelta(days=40), because="on leave", now=now)
    assert said(dana, now) == "Silence until Sunday 27 December: on leave."
    Handoff.objects.create(
        contact=anna, kind="hot", opened_at=now, because="prices", cools_at=now + timedelta(days=2, hours=1)
    )
    assert said(anna, now) == "Waits in the queue since today 09:30: hot. Cools to warm Thu 19 Nov 10:30."
    SalesHold.objects.create(
        contact=anna, kind="claim", reference=1, by=sam, at=now, until=now + timedelta(minutes=30)
    )
    assert said(anna, now) == f"With sales: {sam} has them until today 10:00."


def test_every_code_of_the_planner_has_words() -> None:
    for code in standings.BECAUSE:
        assert standings.because_words(code) != code
    assert standings.because_words("norway_needs_consent").startswith("In Norway")
    assert standings.because_words("suppressed:bounced") == "Stopped: the address does not exist."
