"""After the machine was off: nothing that is late leaves before a person decides, and what is not late goes on."""

import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from contacts import clock
from contacts.models import AuditEvent, Contact
from nurturing.models import Decision, Gap, Send, Standing, TickRun
from nurturing.queries import gap as queries
from nurturing.services import gap, hold, pause, standing
from nurturing.tasks import send as send_tasks
from nurturing.tasks import tick as tick_tasks
from silo.queries import doctor, health
from tests import cast
from tests.cast import client_of
from tests.nurturing import posting

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def text() -> Any:
    posting.sender()
    return piece("Så gjorde Fjordmek")


def piece(title: str) -> Any:
    """One that suits everybody."""
    made = posting.piece(posting.published(title, language="nb"), title)
    made.language = ""
    made.save(update_fields=["language"])
    return made


@pytest.fixture
def silo(anna: Contact, text: Any, now: datetime) -> Contact:
    """Anna's mail is due in an hour; then the machine goes off."""
    standing.recompute_everybody(now=now)
    Standing.objects.filter(pk=anna.pk).update(
        state="nurtured", next_at=now + timedelta(hours=1), next_what="piece", stop_reason="", changed_at=now
    )
    TickRun.objects.create(at=now)
    return anna


def wake(at: datetime) -> None:
    """What a worker does first."""
    with clock.at(at):
        send_tasks.deliver_due()
        tick_tasks.tick()
        send_tasks.deliver_due()


def answered(answer: str, *, at: datetime, days: int = 0, by: Any = None) -> Gap:
    question = queries.unanswered()
    assert question is not None
    return gap.answer(gap_id=question.pk, until=question.until, answer=answer, days=days, by=by, now=at)


def test_a_silo_that_never_ran_was_never_off(silo: Contact, now: datetime) -> None:
    TickRun.objects.all().delete()
    assert gap.notice(now=now + WEEK) is None
    assert not Gap.objects.exists()


def test_a_night_is_no_gap_and_neither_is_a_week_in_which_nothing_was_due(
    silo: Contact, now: datetime
) -> None:
    assert gap.notice(now=now + timedelta(hours=23)) is None
    Standing.objects.update(next_at=now + timedelta(days=30))
    assert gap.notice(now=now + WEEK) is None
    assert gap.notice(now=now + WEEK) is None, "it is awake now"
    assert not Gap.objects.exists()


def test_late_mails_wait_for_a_person_and_the_rest_goes_on(silo: Contact, now: datetime) -> None:
    later = now + WEEK
    wake(later)
    question = queries.unanswered()
    assert question is not None
    assert (question.since, question.until, question.late) == (now, later, 1)
    assert not Send.objects.exists()
    assert AuditEvent.objects.filter(verb="gap.noticed").count() == 1

    new = cast.contact("Nya", "Nord")
    Standing.objects.filter(pk=new.pk).update(next_at=later + timedelta(minutes=1), next_what="piece")
    wake(later + timedelta(minutes=2))
    assert list(Send.objects.values_list("contact_id", "state")) == [(new.pk, "accepted")]
    assert doctor.clock(now=later + timedelta(minutes=2))[0] == timedelta(), (
        "the clock leaves them on purpose"
    )


def test_a_mail_that_lay_in_the_ledger_waits_too(anna: Contact, text: Any, now: datetime) -> None:
    TickRun.objects.create(at=now)
    (mail,) = posting.due(anna, of=text, not_before=now + timedelta(hours=1))
    wake(now + WEEK)
    mail.refresh_from_db()
    assert mail.state == "planned"
    answered("now", at=now + WEEK)
    wake(now + WEEK + timedelta(minutes=1))
    mail.refresh_from_db()
    assert mail.state == "accepted"


def test_whatever_happens_to_a_late_person_meanwhile_they_stay_late(silo: Contact, now: datetime) -> None:
    wake(now + WEEK)
    later = now + WEEK + timedelta(hours=2)
    standing.recompute([silo.pk], now=later)
    assert Standing.objects.get(pk=silo.pk).next_at == now + timedelta(hours=1)
    wake(later)
    assert not Send.objects.exists()
    assert doctor.examine(now=later).broken == ()


def test_what_is_no_mail_is_not_held_up_and_the_mail_behind_it_is(
    anna: Contact, text: Any, now: datetime
) -> None:
    pause.start(contact_id=anna.pk, until=now + timedelta(days=2), because="away", by=None, now=now)
    # their last mail is long ago: behind the pause the next one is due at once
    (old,) = posting.due(anna, of=piece("Old"), not_before=now - timedelta(days=90))
    Send.objects.filter(pk=old.pk).update(
        state="accepted", finished_at=now - timedelta(days=90), planned_at=now - timedelta(days=90)
    )
    bo = cast.contact("Bo", "Berg")
    Standing.objects.filter(pk=bo.pk).update(next_at=now + timedelta(hours=1), next_what="piece")
    TickRun.objects.create(at=now)
    wake(now + WEEK)
    row = Standing.objects.get(pk=anna.pk)
    assert (row.state, row.next_what, row.next_at) == ("nurtured", "piece", now + timedelta(days=2))
    assert not Send.objects.filter(planned_at__gt=now).exists()
    assert queries.late(until=now + WEEK, now=now + WEEK).mails == 2
    answered("now", at=now + WEEK)
    wake(now + WEEK + timedelta(minutes=1))
    assert set(
        Send.objects.filter(state="accepted", planned_at__gt=now).values_list("contact_id", flat=True)
    ) == {
        anna.pk,
        bo.pk,
    }


def test_now_means_also_what_is_past_its_useful_time(silo: Contact, now: datetime) -> None:
    later = now + 3 * WEEK
    wake(later)
    assert queries.late(until=later, now=later) == queries.Late(mails=1, useless=1)
    answered("now", at=later)
    wake(later + timedelta(minutes=1))
    assert Send.objects.get().state == "accepted"


def test_skip_writes_down_what_is_too_late_and_sends_the_rest(
    silo: Contact, text: Any, now: datetime
) -> None:
    bo = cast.contact("Bo", "Berg")
    later = now + 3 * WEEK
    Standing.objects.filter(pk=bo.pk).update(next_at=later - timedelta(days=1), next_what="piece")
    night = later.replace(hour=1)  # the hours for mail are closed
    wake(night)
    answered("skip", at=night)
    wake(night + timedelta(minutes=1))
    assert list(Send.objects.values_list("contact_id", "state", "reason")) == [
        (silo.pk, "skipped", "too_late")
    ]
    noon = later.replace(hour=13)
    wake(noon)
    assert Send.objects.get(contact_id=bo.pk).state == "accepted"
    assert Decision.objects.count() == 2
    assert doctor.examine(now=noon).broken == ()


def test_spread_gives_each_a_turn_within_the_days(text: Any, now: datetime) -> None:
    everybody = [cast.contact("Liv", str(one), email=f"liv{one}@malarbygg.example") for one in range(40)]
    ledger, planned = everybody[:20], everybody[20:]
    TickRun.objects.create(at=now)
    standing.recompute_everybody(now=now)
    posting.due(*ledger, of=text, not_before=now + timedelta(hours=1))
    Standing.objects.filter(pk__in=[one.pk for one in ledger]).update(next_at=now + timedelta(days=40))
    Standing.objects.filter(pk__in=[one.pk for one in planned]).update(
        next_at=now + timedelta(hours=1), next_what="piece", state="nurtured", stop_reason=""
    )
    later = now + WEEK
    wake(later)
    answered("spread", at=later, days=3)
    sent = []
    for hour in range(76):
        wake(later + timedelta(hours=hour))
        sent.append(Send.objects.filter(state="accepted").count())
    assert sent[0] < 20 and sent[26] < 36 and sent[-1] == 40
    assert sent[26] > 5, "a part of them each day"
    moments = Send.objects.filter(contact__in=ledger).values_list("not_before", flat=True)
    assert len({moment.date() for moment in moments}) == 3


def test_the_second_of_two_people_learns_what_the_first_answered(
    silo: Contact, now: datetime, mira: Any, ada: Any
) -> None:
    wake(now + WEEK)
    question = queries.unanswered()
    assert question is not None
    form = {"gap": question.pk, "until": question.until.isoformat()}
    with clock.at(now + WEEK):
        client_of(mira).post("/sending/late/answer/", form | {"answer": "spread", "days": 3})
        page = client_of(ada).post("/sending/late/answer/", form | {"answer": "now"}, follow=True)
    assert "answered" in page.content.decode() and str(mira) in page.content.decode()
    kept = Gap.objects.get()
    assert (kept.answer, kept.days, kept.by_id) == ("spread", 3, mira.pk)
    assert AuditEvent.objects.filter(verb__startswith="gap.").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_the_same_moment_one_holds(silo: Contact, now: datetime) -> None:
    question = gap.notice(now=now + WEEK)
    assert question is not None
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def press(answer: str) -> None:
        start.wait()
        try:
            answered_by_one(question, answer, now + WEEK)
            outcomes.append(answer)
        except gap.AlreadyAnswered as error:
            outcomes.append(f"lost to {error.gap.answer}")
        finally:
            connection.close()

    hands = [threading.Thread(target=press, args=[answer]) for answer in ("now", "skip")]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    winner = Gap.objects.get().answer
    assert sorted(outcomes) == sorted([winner, f"lost to {winner}"])


def answered_by_one(question: Gap, answer: str, at: datetime) -> None:
    gap.answer(gap_id=question.pk, until=question.until, answer=answer, by=None, now=at)


@pytest.mark.django_db(transaction=True)
def test_workers_that_start_together_ask_once(silo: Contact, now: datetime) -> None:
    start = threading.Barrier(4)

    def begin() -> None:
        start.wait()
        gap.notice(now=now + WEEK)
        connection.close()

    hands = [threading.Thread(target=begin) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert Gap.objects.count() == AuditEvent.objects.filter(verb="gap.noticed").count() == 1


ANSWER = """
import sys, django
django.setup()
from datetime import datetime
from nurturing.queries import gap as queries
from nurturing.services import gap
question = queries.unanswered()
gap.answer(gap_id=question.pk, until=question.until, answer="spread", days=2, by=None, now=datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_of_an_answer_leaves_the_question_open(
    anna: Contact, text: Any, now: datetime, process_environment: dict[str, str]
) -> None:
    TickRun.objects.create(at=now)
    (mail,) = posting.due(anna, of=text, not_before=now + timedelta(hours=1))
    later = now + WEEK
    gap.notice(now=later)
    with transaction.atomic():
        Send.objects.select_for_update().get(pk=mail.pk)  # the answer stands before its last statement
        process = subprocess.Popen([sys.executable, "-c", ANSWER, later.isoformat()], env=process_environment)
        deadline = time.monotonic() + 30
        while not _waits_for_the_lock():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.wait()
    question = queries.unanswered()
    assert question is not None, "nothing of it is left"
    assert Send.objects.get(pk=mail.pk).not_before == now + timedelta(hours=1)
    assert answered("spread", at=later, days=2).answer == "spread"


def _waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(); SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_a_second_gap_before_the_answer_makes_the_question_larger(silo: Contact, now: datetime) -> None:
    wake(now + WEEK)
    first = queries.unanswered()
    wake(now + 2 * WEEK)
    second = queries.unanswered()
    assert first is not None and second is not None and first.pk == second.pk
    assert (second.since, second.until) == (now, now + 2 * WEEK)
    with pytest.raises(gap.Changed):
        gap.answer(gap_id=first.pk, until=first.until, answer="now", by=None, now=now + 2 * WEEK)
    assert not Send.objects.exists()


def test_a_second_gap_while_mails_are_being_spread_asks_again(silo: Contact, now: datetime) -> None:
    wake(now + WEEK)
    answered("spread", at=now + WEEK, days=60)
    wake(now + 2 * WEEK)
    assert queries.unanswered() is not None and not Send.objects.exists()
    answered("now", at=now + 2 * WEEK)
    wake(now + 2 * WEEK + timedelta(minutes=1))
    assert Send.objects.get().state == "accepted"


def test_a_gap_and_a_stop_of_all_sending_are_two_things(silo: Contact, now: datetime) -> None:
    later = now + WEEK
    hold.stop(because="the wrong price", by=None, now=now)
    wake(later)
    answered("now", at=later)
    wake(later + timedelta(minutes=1))
    assert not Send.objects.filter(state="accepted").exists()
    hold.release(by=None, now=later)
    wake(later + timedelta(minutes=2))
    assert Send.objects.get().state == "accepted"


def test_the_question_stands_on_health_and_on_every_page_of_who_may_answer(
    silo: Contact, now: datetime, mira: Any, sam: Any, ada: Any
) -> None:
    later = now + WEEK
    wake(later)
    with clock.at(later):
        said = next(one for one in health.of(now=later).lines if one.name == "late")
        assert said.state == health.WATCH and "1 mail is late" in said.words and said.url == "/sending/late/"
        for colleague in (mira, ada):
            home = client_of(colleague).get("/").content.decode()
            assert "1 mail is late" in home and "/sending/late/" in home
        page = client_of(mira).get("/sending/late/").content.decode()
        assert "Send them now" in page and "Skip those" in page
        assert client_of(sam).get("/sending/late/").status_code == 403
        assert client_of(sam).post("/sending/late/answer/", {"answer": "now"}).status_code == 403
        assert client_of(mira).get("/sending/late/answer/").status_code == 405
        wrong = client_of(mira).post("/sending/late/answer/", {"answer": "never"}, follow=True)
        assert "one of the three" in wrong.content.decode()
    assert queries.unanswered() is not None
