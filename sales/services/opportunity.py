"""A deal on its way: opened, moved, changed, lost, opened again. It is won through an outcome."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent, Contact
from nurturing.models import Reminder, SalesHold
from nurturing.services import reminder as reminders
from nurturing.services import standing as standings
from sales import dates
from sales.models import Call, Opportunity, Stage, StageMove
from sales.services import claim as claims

REMEMBERED = 300


class Stale(Exception):
    """A colleague changed the opportunity since the page was read."""


class Closed(Exception):
    """The opportunity was won or lost already."""


class NotAStage(Exception):
    """There is no such stage to move to; won and lost are verbs of their own."""


def start(
    *,
    contact: Contact,
    by: AbstractBaseUser,
    now: datetime,
    stage: Stage,
    call: Call | None = None,
    title: str = "",
    value: Decimal | None = None,
    currency: str = "SEK",
) -> Opportunity:
    """Open an opportunity with its first stage move; the silo keeps quiet while it is open.

    Inside the transaction of an outcome, which recomputes the standing.
    """
    opened = Opportunity.objects.create(
        contact=contact,
        company_id=contact.company_id,
        title=(title or (contact.company.name if contact.company else contact.name))[:200],
        stage=stage,
        value=value,
        currency=currency,
        owner_id=by.pk,
        call=call,
        opened_at=now,
    )
    StageMove.objects.create(opportunity=opened, to_stage=stage, at=now, by_id=by.pk)
    SalesHold.objects.create(
        contact=contact, kind=SalesHold.Kind.OPPORTUNITY, reference=opened.pk, by_id=by.pk, at=now
    )
    return opened


@transaction.atomic
def move(
    *, opportunity_id: int, stage_id: int, revision: int, by: AbstractBaseUser, now: datetime
) -> Opportunity:
    """Move to another open stage.

    Raises Stale, Closed, NotAStage.
    """
    opportunity = _locked(opportunity_id, revision)
    stage = Stage.objects.filter(pk=stage_id, kind=Stage.Kind.OPEN).first()
    if stage is None:
        raise NotAStage
    if stage.pk != opportunity.stage_id:
        put(opportunity, stage, by=by, now=now)
        opportunity.revision += 1
        opportunity.save(update_fields=["stage", "revision"])
    return opportunity


@transaction.atomic
def change(
    *,
    opportunity_id: int,
    revision: int,
    by: AbstractBaseUser,
    now: datetime,
    title: str,
    value: Decimal | None,
    currency: str,
    next_step: str,
    next_step_on: date | None,
    owner_id: int | None,
) -> Opportunity:
    """Write what it is about, its worth, the next step and whose it is.

    Raises Stale, Closed.
    """
    opportunity = _locked(opportunity_id, revision)
    told: dict[str, Any] = {
        "title": title,
        "value": value,
        "currency": currency,
        "next_step": next_step,
        "next_step_on": next_step_on,
        "owner_id": owner_id,
    }
    changed = [name for name, worth in told.items() if getattr(opportunity, name) != worth]
    for name in changed:
        setattr(opportunity, name, told[name])
    if changed:
        opportunity.revision += 1
        opportunity.save(update_fields=[*changed, "revision"])
        _audit("opportunity.changed", opportunity, by, now, fields=changed)
    return opportunity


@transaction.atomic
def lose(
    *,
    opportunity_id: int,
    revision: int,
    by: AbstractBaseUser,
    now: datetime,
    because: str = "",
    until: date | None = None,
) -> Opportunity:
    """Lost for now is not lost for ever: the person is back in the silo, with a date when one was named.

    Raises Stale, Closed, Taken when a colleague has the person in hand.
    """
    opportunity = _locked(opportunity_id, revision)
    claims.take(contact_id=opportunity.contact_id, by=by, now=now)
    lost = Stage.objects.filter(kind=Stage.Kind.LOST).order_by("position").first()
    if lost is None:
        raise NotAStage
    put(opportunity, lost, by=by, now=now)
    finish(opportunity, now=now, because=because)
    if until is not None:
        reminders.remind(
            contact_id=opportunity.contact_id,
            at=dates.morning(until),
            kind=Reminder.Kind.RIPE,
            because=(because or _("An offer that came too early: %(what)s") % {"what": opportunity.title})[
                :REMEMBERED
            ],
            by=by,
            now=now,
        )
    claims.release(contact_id=opportunity.contact_id, by=by, now=now, reason="outcome")
    standings.recompute([opportunity.contact_id], now=now)
    _audit("opportunity.lost", opportunity, by, now)
    return opportunity


@transaction.atomic
def reopen(*, opportunity_id: int, by: AbstractBaseUser, now: datetime) -> Opportunity:
    """Take back that it was lost: the stage before, no date, with sales again.

    Raises Closed when it was won (the outcome is undone instead) or is open.
    """
    claims.lock(Opportunity.objects.values_list("contact_id", flat=True).get(pk=opportunity_id))
    opportunity = Opportunity.objects.select_for_update().get(pk=opportunity_id)
    if opportunity.closed_at is None or Stage.objects.get(pk=opportunity.stage_id).kind != Stage.Kind.LOST:
        raise Closed
    made_then = Reminder.objects.filter(
        contact_id=opportunity.contact_id,
        made_at=opportunity.closed_at,
        kind=Reminder.Kind.RIPE,
        done_at=None,
    )
    made_then.update(done_at=now)
    unfinish(opportunity)
    standings.recompute([opportunity.contact_id], now=now)
    _audit("opportunity.reopened", opportunity, by, now)
    return opportunity


def put(opportunity: Opportunity, stage: Stage, *, by: AbstractBaseUser, now: datetime) -> StageMove:
    """Write the stage and the row that tells of the move. The caller saves and counts the revision."""
    moved = StageMove.objects.create(
        opportunity=opportunity, from_stage_id=opportunity.stage_id, to_stage=stage, at=now, by_id=by.pk
    )
    opportunity.stage = stage
    return moved


def finish(opportunity: Opportunity, *, now: datetime, because: str = "") -> None:
    """Close it at the stage it was put to, and let the silo go on."""
    opportunity.closed_at = now
    opportunity.close_reason = because[:200]
    opportunity.revision += 1
    opportunity.save(update_fields=["stage", "closed_at", "close_reason", "revision"])
    _holds(opportunity).update(ended_at=now)


def unfinish(opportunity: Opportunity) -> None:
    """Open it again at the stage before; a close that was taken back does not count in the funnel."""
    last = opportunity.moves.order_by("-at", "-pk").first()
    if last is not None and last.from_stage_id is not None:
        opportunity.stage_id = last.from_stage_id
        last.delete()
    opportunity.closed_at = None
    opportunity.close_reason = ""
    opportunity.revision += 1
    opportunity.save(update_fields=["stage", "closed_at", "close_reason", "revision"])
    _holds(opportunity).update(ended_at=None)


def is_untouched(opportunity: Opportunity) -> bool:
    """Nobody did anything with it since it was opened."""
    return opportunity.revision == 0 and opportunity.closed_at is None


def remove(opportunity: Opportunity) -> None:
    """Take away one that is untouched, because the outcome that opened it was undone."""
    _holds(opportunity).delete()
    opportunity.delete()


def _holds(opportunity: Opportunity) -> Any:
    return SalesHold.objects.filter(kind=SalesHold.Kind.OPPORTUNITY, reference=opportunity.pk)


def demand(opportunity_id: int, revision: int) -> None:
    """Refuse when it is not as it was read. Raises Stale, Closed."""
    _locked(opportunity_id, revision)


def _locked(opportunity_id: int, revision: int) -> Opportunity:
    contact_id = Opportunity.objects.values_list("contact_id", flat=True).get(pk=opportunity_id)
    claims.lock(contact_id)
    opportunity = Opportunity.objects.select_for_update().get(pk=opportunity_id)
    if opportunity.revision != revision:
        raise Stale
    if opportunity.closed_at is not None:
        raise Closed
    return opportunity


def _audit(verb: str, opportunity: Opportunity, by: AbstractBaseUser, now: datetime, **detail: Any) -> None:
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk,
        verb=verb,
        contact_id=opportunity.contact_id,
        object_type="opportunity",
        object_id=opportunity.pk,
        detail=detail,
    )
