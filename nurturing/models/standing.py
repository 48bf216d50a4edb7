"""Where a person stands, and when the clock comes to them."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts.models import Contact


class StandingQuerySet(models.QuerySet["Standing"]):
    def due(self, now: datetime) -> "StandingQuerySet":
        """Those the clock must come to now."""
        return self.filter(next_at__lte=now).exclude(state=Standing.State.STOPPED)


class Standing(models.Model):
    """One narrow row per contact, made by a statement trigger on contacts (also for COPY), never by Python.

    `state`, `next_at`, `next_what` and `because` are a recomputable minimum over rows: only services.standing writes them.
    """

    class State(models.TextChoices):
        NURTURED = "nurtured", _("in the silo")
        HOT = "hot", _("waiting in the queue")
        WITH_SALES = "with_sales", _("with sales")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")

    class What(models.TextChoices):
        """What happens at `next_at`."""

        PLAN = "plan", _("the first look")
        STEP = "step", _("the next step of a sequence")
        PIECE = "piece", _("a piece from the library")
        RESUME = "resume", _("the pause ends")
        REMINDER = "reminder", _("a reminder")
        COOL = "cool", _("cools to warm")
        RELEASE = "release", _("the claim runs out")
        REVIEW = "review", _("we look again")

    contact = models.OneToOneField(
        Contact,
        models.CASCADE,
        primary_key=True,
        related_name="standing",
        db_constraint=False,  # kept by triggers (nurturing.0015), which ask once for a whole import
    )
    state = models.CharField(max_length=10, choices=State, default=State.NURTURED, db_default=State.NURTURED)
    next_at = models.DateTimeField(null=True, blank=True)
    next_what = models.CharField(
        max_length=10, choices=What, blank=True, default=What.PLAN, db_default=What.PLAN
    )
    because = models.JSONField(
        default=dict,
        db_default=models.Value({}, output_field=models.JSONField()),
        help_text='{"code": …, …}: put into words by queries.standing',
    )
    stop_reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    rhythm_days = models.FloatField(
        null=True, blank=True, help_text="their own interval in days; null: the silo's resting interval"
    )
    heat = models.FloatField(
        null=True, blank=True, help_text="log2 degrees in the forward-decay domain; null while there is none"
    )
    heat_rule = models.IntegerField(
        null=True, blank=True, help_text="number of the TemperatureRule behind `heat`"
    )
    changed_at = models.DateTimeField()

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="stopped") | models.Q(next_at__isnull=False),
                name="standing_has_a_next_moment_unless_stopped",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="stopped") | ~models.Q(stop_reason=""),
                name="standing_stopped_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state="stopped") | models.Q(stop_reason=""),
                name="standing_not_stopped_has_no_stop_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["nurtured", "hot", "with_sales", "paused", "stopped"]),
                name="standing_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(rhythm_days=None) | models.Q(rhythm_days__gt=0),
                name="standing_rhythm_is_positive",
            ),
        ]
        indexes: ClassVar = [
            # read by the tick, and only by it
            models.Index(
                fields=["next_at", "contact"], name="standing_due", condition=~models.Q(state="stopped")
            ),
            # "the hottest" is a scan of this one
            models.Index(
                models.F("heat").desc(nulls_last=True),
                "contact",
                name="standing_hottest",
                condition=models.Q(heat__isnull=False),
            ),
            models.Index(
                fields=["state", "contact"], name="standing_by_state", condition=~models.Q(state="nurtured")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.state} {self.next_at}"

    @classmethod
    def words(cls, state: str) -> StrOrPromise:
        """A state in words that hold beside "1,558 people in the silo": everybody is in it, whatever their state."""
        return _("looked after by the silo") if state == cls.State.NURTURED else cls.State(state).label

    @property
    def is_stopped(self) -> bool:
        return self.state == self.State.STOPPED


class SetAside(models.Model):
    """A contact whose planning raised: kept out of the batch with the traceback until a person looked."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="set_aside")
    at = models.DateTimeField()
    error = models.TextField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(resolved_at=None), name="set_aside_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.error[-80:]}"


class Pause(models.Model):
    """Silence until a date, asked for by the person or set by a colleague."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="pauses")
    at = models.DateTimeField()
    until = models.DateTimeField()
    because = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(ended_at=None), name="one_running_pause_per_contact"
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("at")), name="pause_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} until {self.until:%Y-%m-%d}"


class Reminder(models.Model):
    """Whoever wants a contact woken at a moment writes one, sales included."""

    class Kind(models.TextChoices):
        RIPE = "ripe", _("ripe: the date they named")
        CALL_BACK = "call_back", _("call back")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="reminders")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    because = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(
        null=True, blank=True, help_text="when it opened its hand-off, or was taken back"
    )

    class Meta:
        indexes = [
            models.Index(fields=["contact", "at"], name="reminder_open", condition=models.Q(done_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind} {self.at:%Y-%m-%d}"


class SalesHold(models.Model):
    """Sales has the person in hand: a claim (until it runs out) or an open opportunity. Written by sales, read here.

    While one is open no drip goes out in the middle of the conversation.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", _("claimed")
        OPPORTUNITY = "opportunity", _("opportunity")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="sales_holds")
    kind = models.CharField(max_length=12, choices=Kind)
    reference = models.BigIntegerField(
        help_text="id of the claim or opportunity; no foreign key, sales is above us"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="when a claim runs out")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"], name="one_sales_hold_per_claim_or_opportunity"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="claim") | models.Q(until__isnull=False), name="claim_hold_runs_out"
            ),
        ]
        indexes = [
            models.Index(fields=["contact"], name="sales_hold_open", condition=models.Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind} {self.reference}"
