"""The ledger: each move is conditional, fenced and happens once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from contacts import hooks
from contacts.models import Contact
from nurturing.models import Send, SendDetail, SendingHold
from nurturing.queries import send as queries
from nurturing.services import send
from nurturing.services.send import Leaving, Move
from tests import cast
from tests.cast import NOW
from tests.nurturing import posting

pytestmark = pytest.mark.django_db
State = Send.State
LATER = NOW + timedelta(minutes=6)


@pytest.fixture
def three(anna: Contact) -> list[Send]:
    people = [anna, cast.contact("Liv", "Moe"), cast.contact("Nils", "Ås", email="nils@fjordmek.example")]
    return posting.due(*people, of=posting.piece(posting.published()))


def leaving(claimed: send.Claimed) -> Leaving:
    return Leaving(
        claimed, "x@fjordmek.example", posting.sender(is_default=False).pk, {"contact.first_name": "Anna"}
    )


def test_planning_the_same_mail_again_changes_nothing(three: list[Send], anna: Contact) -> None:
    again = send.Planned(
        anna.pk, "piece", three[0].dedupe_key, NOW, NOW + timedelta(days=30), mail_id=three[0].mail_id
    )

    assert send.plan([again, again], now=LATER) == []
    assert Send.objects.count() == 3
    assert Send.objects.get(pk=three[0].pk).latest_at == three[0].latest_at


def test_the_database_itself_refuses_a_second_row(three: list[Send]) -> None:
    twin = Send.objects.get(pk=three[0].pk)
    twin.pk = None
    with pytest.raises(IntegrityError, match="never_twice"), transaction.atomic():
        twin.save(force_insert=True)


def test_a_claim_takes_what_is_due_and_nothing_twice(three: list[Send]) -> None:
    first = send.claim(worker="a", now=NOW, limit=2)
    second = send.claim(worker="b", now=NOW, limit=2)

    assert len(first) == 2 and len(second) == 1
    assert {one.id for one in first} | {one.id for one in second} == {one.pk for one in three}
    assert send.claim(worker="c", now=NOW, limit=9) == []
    assert set(Send.objects.values_list("attempt", flat=True)) == {1}


def test_what_is_not_due_or_held_is_not_claimed(three: list[Send]) -> None:
    Send.objects.filter(pk=three[0].pk).update(held=True)
    Send.objects.filter(pk=three[1].pk).update(not_before=LATER)

    assert [one.id for one in send.claim(worker="a", now=NOW, limit=9)] == [three[2].pk]


def test_on_hold_nothing_is_claimed_and_nothing_leaves(three: list[Send]) -> None:
    claims = send.claim(worker="a", now=NOW, limit=1)
    SendingHold.objects.create(at=NOW, because="we look into it")

    assert send.claim(worker="b", now=NOW, limit=9) == []
    assert send.attempt([leaving(claims[0])], now=NOW) == set()


def test_leaving_writes_down_address_sender_and_words_first(three: list[Send]) -> None:
    (claimed,) = send.claim(worker="a", now=NOW, limit=1)
    assert send.attempt([leaving(claimed)], now=NOW) == {claimed.id}

    row = Send.objects.get(pk=claimed.id)
    assert (row.state, row.address) == (State.ATTEMPTING, "x@fjordmek.example")
    assert SendDetail.objects.get(send_id=row.pk).merge == {"contact.first_name": "Anna"}


def test_after_its_lease_a_claim_is_free_again(three: list[Send]) -> None:
    send.claim(worker="dead", now=NOW, limit=9)
    assert send.reap(now=NOW + timedelta(minutes=4)) == (0, 0)
    assert send.reap(now=LATER) == (3, 0)
    assert len(send.claim(worker="b", now=LATER, limit=9)) == 3


def test_after_its_lease_an_attempt_is_unknown_and_never_claimed_again(three: list[Send]) -> None:
    (claimed,) = send.claim(worker="dead", now=NOW, limit=1)
    send.attempt([leaving(claimed)], now=NOW)

    assert send.reap(now=LATER) == (0, 1)
    row = Send.objects.get(pk=claimed.id)
    assert (row.state, row.reason, row.finished_at) == (State.UNKNOWN, "worker_lost", LATER)
    assert claimed.id not in {
        one.id for one in send.claim(worker="b", now=LATER + timedelta(days=1), limit=9)
    }


def test_a_worker_that_wakes_up_late_writes_nothing(three: list[Send]) -> None:
    (old,) = send.claim(worker="sleeper", now=NOW, limit=1)
    send.reap(now=LATER)
    (new,) = [one for one in send.claim(worker="b", now=LATER, limit=9) if one.id == old.id]

    assert new.attempt == old.attempt + 1
    assert send.attempt([leaving(old)], now=LATER) == set()
    assert send.move([Move(old, State.ACCEPTED)], now=LATER) == set()
    assert send.renew([old], now=LATER) == set()
    assert Send.objects.get(pk=old.id).state == State.CLAIMED


def test_a_sleeper_in_the_middle_of_a_window_finds_its_rows_gone(three: list[Send]) -> None:
    (old,) = send.claim(worker="sleeper", now=NOW, limit=1)
    send.attempt([leaving(old)], now=NOW)
    assert send.still_ours([old], now=NOW) == {old.id}

    send.reap(now=LATER)
    assert send.still_ours([old], now=NOW) == set()
    assert send.move([Move(old, State.ACCEPTED)], now=LATER) == set()
    assert Send.objects.get(pk=old.id).state == State.UNKNOWN


def test_an_ended_mail_cannot_be_moved_again(three: list[Send]) -> None:
    (claimed,) = send.claim(worker="a", now=NOW, limit=1)
    assert send.move([Move(claimed, State.SKIPPED, "too_late")], now=NOW) == {claimed.id}
    assert send.move([Move(claimed, State.ACCEPTED)], now=NOW) == set()


def test_put_off_mail_waits_with_its_reason_and_counts_its_tries(three: list[Send]) -> None:
    (claimed,) = send.claim(worker="a", now=NOW, limit=1)
    move = Move(
        claimed, State.PLANNED, "mailbox_busy", not_before=LATER, put_off_by_server=True, detail="450 later"
    )
    send.move([move], now=NOW)

    row = Send.objects.get(pk=claimed.id)
    assert (row.state, row.reason, row.not_before, row.tries) == (State.PLANNED, "mailbox_busy", LATER, 1)
    assert SendDetail.objects.get(send_id=row.pk).response == "450 later"


def test_the_equation_counts_every_mail_once(three: list[Send]) -> None:
    claims = send.claim(worker="a", now=NOW, limit=2)
    send.move(
        [Move(claims[0], State.SKIPPED, "too_late"), Move(claims[1], State.FAILED, "no_mailbox")], now=NOW
    )
    found = queries.equation(now=NOW)
    assert (found.due, found.skipped, found.failed, found.waiting, found.difference) == (3, 1, 1, 1, 0)


def test_an_erasure_empties_the_ledger_and_leaves_the_count(three: list[Send], anna: Contact) -> None:
    (claimed,) = [one for one in send.claim(worker="a", now=NOW, limit=9) if one.contact_id == anna.pk]
    send.attempt([leaving(claimed)], now=NOW)
    send.move([Move(claimed, State.FAILED, "no_mailbox", detail="550 x@fjordmek.example unknown")], now=NOW)

    hooks.erased([anna.pk], now=NOW)
    row = Send.objects.get(pk=claimed.id)
    assert (row.state, row.address) == (State.FAILED, "")
    assert set(SendDetail.objects.filter(send_id=row.pk).values_list("response", flat=True)) == {""}
    assert [detail.merge for detail in SendDetail.objects.filter(send_id=row.pk)] == [{}, {}]


def test_the_kept_one_of_two_has_had_what_the_dropped_one_got(three: list[Send], anna: Contact) -> None:
    kept = cast.contact("Anna", "Lind-Moe")
    hooks.merged([(anna.pk, kept.pk)], now=NOW)
    assert Send.objects.get(pk=three[0].pk).contact == kept


def test_every_reason_has_words() -> None:
    assert queries.reason_words("no_mailbox") == "There is no such mailbox."
    assert queries.reason_words("missing:first_name") == "A merge field is empty for this person: first_name."
    assert queries.reason_words("norway_needs_consent").startswith("In Norway")
    assert queries.reason_words("suppressed:unsubscribed") == "Stopped: asked for no more mail."
    assert queries.reason_words("something new") == "something new"
    assert queries.reason_words("") == ""
