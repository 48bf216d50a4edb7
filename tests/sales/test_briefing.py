"""What a salesperson knows before the call."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from nurturing.models import Reply
from sales.queries import briefing
from sales.services import claim, outcome, referral
from tests import cast
from tests.sales import stage


def test_when_nothing_is_known_it_says_so(sam, now):
    olav = cast.contact("Olav", "Dahl", company=None, email="olav@dahl.example")
    found = briefing.of(olav.pk, now=now)
    assert found.open_with == ["Nothing is known yet. Say who we are, and ask what they work with just now."]
    assert found.ask == ["Who in the company works with this, and how do they solve it today?"]
    assert (found.handoff, found.degrees, found.read.titles, found.way_in) == (None, None, [], "")


def test_the_reply_comes_first_then_what_they_opened(anna, now):
    stage.make_hot(anna, now)
    Reply.objects.create(
        contact=anna, kind="human", at=now - timedelta(hours=2), text="Vad kostar det\nför tolv?", message_id="<1@x>", source="smtp",
    )  # fmt: skip
    found = briefing.of(anna.pk, now=now)
    assert found.open_with == [
        "They wrote today 07:30: “Vad kostar det för tolv?”",
        "“Piece 0”, which they opened today 08:30.",
    ]


def test_what_was_agreed_is_quoted(dana, sam, now):
    outcome.record(contact_id=dana.pk, by=sam, outcome="not_hot", because="x", now=now, note="Was busy")
    stage.make_waiting(dana, now, "ripe", "Budget after the summer")
    found = briefing.of(dana.pk, now=now)
    assert found.open_with == ["We said that we would call. The note: “Budget after the summer”"]
    assert found.ask[0] == "Is the time ripe now, as they thought it would be?"


def test_a_scanners_clicks_are_no_reading(eve, now):
    found = briefing.of(eve.pk, now=now)
    assert (found.read.levels, found.read.titles) == ([], [])
    assert [(line.points, line.now) for line in found.receipts] == [(0, 0)]


def test_a_piece_they_came_back_to_counts_once(anna, now):
    for hours in (1, 5, 9):
        cast.click(anna, at=now - timedelta(hours=hours), what="Priser 2027", level="bofu")
    cast.click(anna, at=now - timedelta(hours=20), what="Så gjorde Nordvik", level="mofu")
    found = briefing.of(anna.pk, now=now)
    assert found.read.levels == [("mofu", 1), ("bofu", 1)]
    assert found.read.titles == ["Priser 2027", "Så gjorde Nordvik"]


@pytest.mark.parametrize(
    ("level", "question"),
    [
        ("tofu", "What made them look into this now?"),
        ("mofu", "What are they comparing us with?"),
        ("bofu", "When do they have to decide, and what would make them say no?"),
    ],
)
def test_the_question_fits_how_far_they_have_come(level, question, anna, now):
    cast.click(anna, at=now - timedelta(hours=1), level=level)
    assert briefing.of(anna.pk, now=now).ask == [question]


def test_warm_colleagues_are_shown_and_asked_about(anna, now):
    per = cast.contact("Per", "Lie")
    stage.make_hot(per, now)
    found = briefing.of(anna.pk, now=now)
    assert [one.contact for one in found.colleagues] == [per]
    assert found.ask == ["Who else decides? 1 colleague reads too."]


def test_a_way_in_names_whoever_recommended_them(anna, sam, now):
    brought = referral.bring(
        asked_id=anna.pk, by=sam, now=now, first_name="Kari", email="kari@nordvik.example"
    ).brought
    assert briefing.of(brought.pk, now=now).way_in == "Anna Lind recommended them."


def test_experience_is_told_once_there_are_cases_enough(sam, now):
    people = [cast.contact("Anna", f"Lind {number}", way_in="referral_external") for number in range(6)]
    for number, person in enumerate(people[:4]):
        outcome.record(
            contact_id=person.pk, by=sam, outcome="meeting" if number else "not_hot", because="x", now=now
        )
    assert briefing.of(people[5].pk, now=now).experience == ""
    outcome.record(contact_id=people[4].pk, by=sam, outcome="meeting", now=now)
    assert briefing.of(people[5].pk, now=now).experience == (
        "An introduction led to a meeting in 4 of 5 cases here."
    )


def test_the_evidence_is_what_it_was_while_the_receipts_cool(anna, now):
    stage.make_hot(anna, now)
    later = briefing.of(anna.pk, now=now + timedelta(days=21))
    assert later.evidence[0].now == pytest.approx(2 * later.receipts[0].now, rel=1e-6)


def test_it_costs_the_same_however_much_there_is_to_know(anna, sam, now):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            briefing.of(anna.pk, now=now)
        return len(asked)

    stage.make_hot(anna, now)
    stage.make_hot(cast.contact("Per", "Lie"), now)
    few = cost()
    for number in range(3):
        outcome.record(contact_id=anna.pk, by=sam, outcome="no_answer", now=now, note="x")
        cast.click(anna, at=now - timedelta(days=number + 2), what=f"More {number}")
        stage.make_hot(cast.contact("Ida", f"Ås {number}"), now)
        stage.make_waiting(anna, now, "ripe")
    claim.take(contact_id=anna.pk, by=sam, now=now)
    assert cost() == few


def test_an_erased_person_has_no_briefing(anna, now):
    Contact.objects.update(erased_at=now)
    with pytest.raises(Contact.DoesNotExist):
        briefing.of(anna.pk, now=now)
