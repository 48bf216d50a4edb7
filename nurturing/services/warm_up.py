"""Make a new sending domain known: few mails on the first day, more each day, until there is no limit."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from contacts.models import AuditEvent
from nurturing.models import SendLimit, WarmUp
from nurturing.queries import flow
from nurturing.queries.flow import Plan
from nurturing.sending import pace
from nurturing.services import line

FIELDS = ("domain", "first", "factor", "step", "until")


class AlreadyThere(Exception):
    """A domain has one plan at a time."""


def begin_day(plan: Plan, *, now: datetime) -> None:
    """The next day of a plan, with its own limit; after the last one the plan is over.

    Only days on which mails left are counted, so that a weekend makes no leap.
    """
    with transaction.atomic():
        days = SendLimit.objects.filter(warm_up_id=plan.id)
        most = plan.curve.on_day(days.filter(counts__0__gt=0).count() + 1)
        if most is None:
            WarmUp.objects.filter(pk=plan.id, ended_at=None).update(ended_at=now)
            return
        last = days.order_by("-day").first()
        SendLimit.objects.bulk_create(
            [
                SendLimit(
                    warm_up_id=plan.id,
                    period=pace.WARM_UP,
                    day=flow.today(now),
                    most=most,
                    counts=pace.empty(pace.WARM_UP),
                    tail_at=last.tail_at if last is not None else None,
                )
            ],
            ignore_conflicts=True,
        )


def save(*, warm_up_id: int | None, fields: dict[str, Any], by: AbstractBaseUser, now: datetime) -> WarmUp:
    """Begin a plan, or change its curve: today's limit is the new one at once, and who waits is asked again.

    Raises AlreadyThere.
    """
    with transaction.atomic():
        if warm_up_id:
            plan = WarmUp.objects.select_for_update().get(pk=warm_up_id)
        else:
            plan = WarmUp(began_at=now, began_by_id=by.pk)
        for name in FIELDS:
            setattr(plan, name, fields[name])
        try:
            with transaction.atomic():
                plan.save()
        except IntegrityError as error:
            if "one_open_warm_up_per_domain" in str(error):
                raise AlreadyThere(plan.domain) from None
            raise
        _write_down(plan, "warm_up.changed" if warm_up_id else "warm_up.began", by, now)
        _bend_today(plan, now=now)
    return plan


def _bend_today(plan: WarmUp, *, now: datetime) -> None:
    today = SendLimit.objects.filter(warm_up=plan, day=flow.today(now))
    before = SendLimit.objects.filter(warm_up=plan, day__lt=flow.today(now), counts__0__gt=0).count()
    most = curve_of(plan).on_day(before + 1)
    if most is not None:
        today.update(most=most, tail_at=None)
    else:
        today.delete()  # over: the next mail that wants to leave ends the plan
    line.wake(f"warm_up:{plan.domain}", now=now)


def curve_of(plan: WarmUp) -> pace.Curve:
    """The plan's figures, to be asked."""
    return pace.Curve(plan.first, plan.factor, plan.step, plan.until)


def end(*, warm_up_id: int, by: AbstractBaseUser, now: datetime) -> bool:
    """No limit of this plan from now on. False when it is over already."""
    with transaction.atomic():
        if not WarmUp.objects.filter(pk=warm_up_id, ended_at=None).update(ended_at=now, ended_by_id=by.pk):
            return False
        plan = WarmUp.objects.get(pk=warm_up_id)
        _write_down(plan, "warm_up.ended", by, now)
        line.wake(f"warm_up:{plan.domain}", now=now)
    return True


def resume(*, warm_up_id: int, by: AbstractBaseUser, now: datetime) -> bool:
    """Go on with a plan where it was ended. False when it runs, or the domain has another one by now."""
    try:
        with transaction.atomic():
            found = WarmUp.objects.filter(pk=warm_up_id, ended_at__isnull=False)
            if not found.update(ended_at=None, ended_by=None):
                return False
            _write_down(WarmUp.objects.get(pk=warm_up_id), "warm_up.resumed", by, now)
    except IntegrityError:
        return False
    return True


def _write_down(plan: WarmUp, verb: str, by: AbstractBaseUser, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk,
        verb=verb,
        object_type="WarmUp",
        object_id=plan.pk,
        detail={"domain": plan.domain},
    )
