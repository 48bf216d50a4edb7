"""What came of a call: one way to write all that follows (see the table in `consequence`), one to take it back."""

import contextlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from contacts import keys, roles
from contacts.models import AuditEvent, Contact, Suppression
from contacts.models.suppression import SuppressionQuerySet
from contacts.services import suppression, telling
from nurturing.models import Enrollment, Handoff, Pause, Reminder
from nurturing.services import enrollment as enrollments
from nurturing.services import handoff as handoffs
from nurturing.services import heat
from nurturing.services import reminder as reminders
from nurturing.services import standing as standings
from sales import dates, limits
from sales.models import Call, Claim, Opportunity, Stage
from sales.services import claim as claims
from sales.services import consequence as consequences
from sales.services import opportunity as opportunities
from sales.services import purchase as purchases
from sales.services.consequence import TOMORROW, Consequence

Outcome = Call.Outcome

NOTE_LENGTH = 10_000


class Incomplete(Exception):
    """Something has to be said with this outcome: a date, a reason."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class AlreadyDone(Exception):
    """The page is old: its hand-off was closed, or there is an outcome after the last one that it knew (0: none).

    By a colleague, or by a double press.
    """


class CannotUndo(Exception):
    """What followed cannot be taken back any more; the text says why, for the screen."""


@transaction.atomic
def record(
    *,
    contact_id: int,
    by: AbstractBaseUser,
    outcome: str,
    now: datetime,
    note: str = "",
    until: date | None = None,
    because: str = "",
    what: str = "",
    value: Decimal | None = None,
    currency: str = "SEK",
    handoff_id: int | None = None,
    seen_call_id: int | None = None,
    opportunity_id: int | None = None,
    revision: int | None = None,
    told_where_from: bool = False,
) -> Call:
    """Write the outcome of a call and all that follows from it.

    1. The person is taken in hand, so that of two outcomes at once one waits and then finds it done.
    2. The call is written, the open hand-offs are closed by it, the claim is let go.
    3. What the table says happens; the ids of everything made and closed are kept for `undo`.
    4. The standing is computed anew: from here the silo knows what is next.

    Raises Taken, AlreadyDone, Incomplete, Contact.DoesNotExist; with a `revision` also opportunity.Stale and Closed.
    """
    consequence = consequences.of(outcome, because)
    _demand(consequence, until, because, now)
    was_held = Claim.objects.running(now).filter(contact_id=contact_id, by_id=by.pk).exists()
    claim = claims.take(contact_id=contact_id, by=by, now=now)
    if (
        handoff_id is not None
        and not Handoff.objects.open().filter(pk=handoff_id, contact_id=contact_id).exists()
    ):
        raise AlreadyDone
    calls = Call.objects.standing().filter(contact_id=contact_id)
    if seen_call_id is not None and calls.filter(pk__gt=seen_call_id).exists():
        raise AlreadyDone
    if opportunity_id is not None and revision is not None:
        opportunities.demand(opportunity_id, revision)
    contact = Contact.objects.select_related("company").get(pk=contact_id)
    call = Call.objects.create(
        contact=contact,
        by_id=by.pk,
        at=now,
        outcome=outcome,
        note=note[:NOTE_LENGTH],
        until=until,
        because=because[:200],
        claim=claim,
    )
    open_then = _open_rows(contact_id)
    handoffs.close(
        contact_ids=[contact_id],
        reason=Handoff.CloseReason.OUTCOME,
        now=now,
        call_id=call.pk,
        recompute=False,
    )
    claims.release(contact_id=contact_id, by=by, now=now, reason=Claim.ReleaseReason.OUTCOME)
    before: dict[str, Any] = {"was_held": was_held}
    if told_where_from and telling.note(contact_id=contact_id, by=by, now=now):
        before["told"] = True
    if consequence.forgets:
        Reminder.objects.filter(contact=contact, done_at=None).update(done_at=now)
    _come_back(call, contact, consequence, by, before)
    _deal(call, contact, consequence, by, before, what, value, currency, opportunity_id)
    _end_sequences(contact, consequence.ends, now)
    _stop(contact, consequence, by, now, before)
    call.before = before | _ended_since(open_then, contact_id)
    call.save(update_fields=["before"])
    standings.recompute([contact_id], now=now)
    _audit("call.recorded", call, by, now)
    return call


@transaction.atomic
def undo(*, call_id: int, by: AbstractBaseUser, now: datetime) -> Call:
    """Put everything back as it was before the outcome; all of it or nothing.

    Raises CannotUndo with the reason in words, Call.DoesNotExist.
    """
    contact_id = Call.objects.values_list("contact_id", flat=True).get(pk=call_id)
    claims.lock(contact_id)
    call = (
        Call.objects.select_for_update(of=("self",)).select_related("contact", "claim", "by").get(pk=call_id)
    )
    before = call.before
    _refuse_if_too_late(call, by, now)
    call.undone_at = now
    call.undone_by_id = by.pk
    call.save(update_fields=["undone_at", "undone_by"])
    if "purchase" in before:
        purchases.take_back(before, now=now)
    if "won" in before:
        opportunities.unfinish(Opportunity.objects.get(pk=before["won"]))
    if "opportunity" in before:
        opportunities.remove(Opportunity.objects.get(pk=before["opportunity"]))
    if before.get("told"):
        with contextlib.suppress(telling.NothingToTakeBack):  # it was taken back on their page already
            telling.take_back(contact_id=contact_id, by=by, now=now)
    if "reminder" in before:
        reminders.take_back(reminder_id=before["reminder"], now=now)
    for stop in Suppression.objects.filter(pk__in=before.get("suppressions", [])).said_once():
        suppression.lift(suppression_id=stop.pk, by=by, now=now)
    suppression.bring_back(before.get("replaced", []))
    if before.get("suppressions"):
        heat.rebuild([contact_id], now=now)  # whoever says no has no temperature; now they have theirs again
    Reminder.objects.filter(pk__in=before["reminders"]).update(done_at=None)
    Pause.objects.filter(pk__in=before["pauses"]).update(ended_at=None)
    enrollments.resume(enrollment_ids=before["enrollments"], now=now)
    handoffs.reopen(call_id=call.pk, now=now)
    if before["was_held"] and call.claim is not None:
        claims.hold_again(call.claim, now=now)
    standings.recompute([contact_id], now=now)
    _audit("call.undone", call, by, now)
    return call


def _demand(consequence: Consequence, until: date | None, because: str, now: datetime) -> None:
    if "until" in consequence.asks and (until is None or not dates.is_sensible(until, now)):
        raise Incomplete("until")
    if "because" in consequence.asks and not because.strip():
        raise Incomplete("because")


# What follows


def _come_back(
    call: Call, contact: Contact, consequence: Consequence, by: AbstractBaseUser, before: dict[str, Any]
) -> None:
    """Write the date on which they come back to the queue, with the note that says why."""
    if consequence.again is None or (consequence.on == TOMORROW and is_last_try(call)):
        return
    day = call.until or dates.next_working_day(call.at, contact.country)
    words = call.note.strip() or Outcome(call.outcome).label
    made = reminders.remind(
        contact_id=contact.pk,
        at=dates.morning(day),
        kind=consequence.again,
        because=words[: opportunities.REMEMBERED],
        by=by,
        now=call.at,
    )
    before["reminder"] = made.pk


def is_last_try(call: Call) -> bool:
    """They did not answer this time and the times before: enough for now."""
    tries = limits.no_answer_tries()
    last = Call.objects.standing().filter(contact_id=call.contact_id, pk__lte=call.pk).order_by("-pk")[:tries]
    outcomes = [one.outcome for one in last]
    return len(outcomes) == tries and set(outcomes) == {Outcome.NO_ANSWER}


def _deal(
    call: Call,
    contact: Contact,
    consequence: Consequence,
    by: AbstractBaseUser,
    before: dict[str, Any],
    what: str,
    value: Decimal | None,
    currency: str,
    opportunity_id: int | None,
) -> None:
    """Open an opportunity when there is none, or win the one there is."""
    running = Opportunity.objects.select_for_update(of=("self",)).filter(contact=contact, closed_at=None)
    chosen = running.filter(pk=opportunity_id) if opportunity_id is not None else running
    mine = chosen.order_by("-opened_at", "-pk").first()
    if consequence.stage is not None and mine is None:
        stages = list(Stage.objects.filter(kind=Stage.Kind.OPEN).order_by("position"))
        opened = opportunities.start(
            contact=contact,
            by=by,
            now=call.at,
            call=call,
            stage=stages[min(consequence.stage, len(stages) - 1)],
            title=what,
            value=value,
            currency=currency,
        )
        before["opportunity"] = opened.pk
    if not consequence.buys:
        return
    if mine is not None:
        won = Stage.objects.filter(kind=Stage.Kind.WON).order_by("position")[0]
        opportunities.put(mine, won, by=by, now=call.at)
        opportunities.finish(mine, now=call.at)
        before["won"] = mine.pk
        what, currency = what or mine.title, mine.currency if value is None else currency
        value = mine.value if value is None else value
    _purchase, made = purchases.make(
        contact=contact,
        by=by,
        now=call.at,
        call=call,
        opportunity=mine,
        what=what,
        value=value,
        currency=currency,
    )
    before.update(made)


def _end_sequences(contact: Contact, events: Iterable[str], now: datetime) -> None:
    """End the sequences that stop when one of these happened, under the strongest word."""
    for event in reversed(tuple(events)):
        enrollments.stop(contact_ids=[contact.pk], reason=event, now=now, recompute=False)


def _stop(
    contact: Contact, consequence: Consequence, by: AbstractBaseUser, now: datetime, before: dict[str, Any]
) -> None:
    """Write the stop under each address that is theirs alone; a switchboard's number is also others'."""
    if not consequence.stops:
        return
    others = Contact.objects.present().exclude(pk=contact.pk)
    addresses = [contact.email] if contact.email else []
    if contact.phone and not (addresses and others.filter(phone=contact.phone).exists()):
        addresses.append(contact.phone)
    stood = set(_stops_on(addresses).values_list("pk", flat=True))
    for address in addresses:
        suppression.stop(
            address=address,
            channel=consequence.stops,
            reason=consequence.stop_reason,
            source=_("said so in a call"),
            now=now,
            by=by,
            contact_ids=[contact.pk],
        )
    stand = set(_stops_on(addresses).values_list("pk", flat=True))
    before["suppressions"] = sorted(stand - stood)
    before["replaced"] = sorted(stood - stand)


def _stops_on(addresses: Iterable[str]) -> SuppressionQuerySet:
    hashes = [one for address in addresses for one in keys.address_hashes(suppression.normal(address))]
    return Suppression.objects.in_force().filter(address_hash__in=hashes)


# What can be taken back


def _open_rows(contact_id: int) -> dict[str, set[int]]:
    """What is running for this person, so that undo knows what an outcome ended."""
    return {
        "reminders": set(
            Reminder.objects.filter(contact_id=contact_id, done_at=None).values_list("pk", flat=True)
        ),
        "pauses": set(
            Pause.objects.filter(contact_id=contact_id, ended_at=None).values_list("pk", flat=True)
        ),
        "enrollments": set(
            Enrollment.objects.filter(contact_id=contact_id, ended_at=None).values_list("pk", flat=True)
        ),
    }


def _ended_since(then: dict[str, set[int]], contact_id: int) -> dict[str, list[int]]:
    now_open = _open_rows(contact_id)
    return {name: sorted(ids - now_open[name]) for name, ids in then.items()}


def _refuse_if_too_late(call: Call, by: AbstractBaseUser, now: datetime) -> None:
    name, before = call.contact.name, call.before
    if call.undone_at is not None:
        raise CannotUndo(_("This was undone already."))
    if call.by_id != by.pk and not roles.has(by, roles.ADMIN):
        raise CannotUndo(_("%(who)s wrote this. Only they or an admin can take it back.") % {"who": call.by})
    if call.contact.erased_at is not None:
        raise CannotUndo(_("This person was erased, and that is final."))
    if Call.objects.standing().filter(contact_id=call.contact_id, pk__gt=call.pk).exists():
        raise CannotUndo(_("There is a later outcome for %(name)s. Undo that one first.") % {"name": name})
    held = (
        Claim.objects.running(now)
        .select_related("by")
        .filter(contact_id=call.contact_id)
        .exclude(by_id=by.pk)
    )
    for claim in held:
        raise CannotUndo(_("%(who)s has %(name)s in hand now.") % {"who": claim.by, "name": name})
    if Reminder.objects.filter(pk=before.get("reminder"), done_at__isnull=False).exists():
        raise CannotUndo(_("The day has come: %(name)s is in the queue again.") % {"name": name})
    for pk in filter(None, [before.get("opportunity")]):
        opportunity = Opportunity.objects.filter(pk=pk).first()
        if opportunity is None or not opportunities.is_untouched(opportunity):
            raise CannotUndo(_("The opportunity has moved on since. Change it in the pipeline."))
    if "purchase" in before and purchases.onboarding_mails_left(before):
        raise CannotUndo(_("The first welcome mail has left, and that is final."))
    if "purchase" in before and purchases.referral_answered(before):
        raise CannotUndo(_("%(name)s has recommended somebody since.") % {"name": name})


def _audit(verb: str, call: Call, by: AbstractBaseUser, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk,
        verb=verb,
        contact_id=call.contact_id,
        object_type="call",
        object_id=call.pk,
        detail={"outcome": call.outcome},
    )
