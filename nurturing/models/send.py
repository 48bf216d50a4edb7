"""The ledger: one row per (person, what, run), committed before a mail is handed over."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from nurturing.models.enrollment import Enrollment
from nurturing.models.mail_version import MailVersion
from nurturing.models.piece import Piece
from nurturing.models.sender import Sender


class SendQuerySet(models.QuerySet["Send"]):
    def lane(self) -> "SendQuerySet":
        """What the planner sends; confirmations and tests are outside the lane."""
        return self.filter(kind__in=(Send.Kind.STEP, Send.Kind.PIECE))

    def waiting(self) -> "SendQuerySet":
        """Not at an end yet."""
        return self.filter(state__in=Send.WAITING)

    def ready(self, now: datetime) -> "SendQuerySet":
        """Planned, not held by a person, and their moment has come."""
        return self.filter(state=Send.State.PLANNED, held=False, not_before__lte=now)

    def unknown(self) -> "SendQuerySet":
        """Those that a person must look at: nobody knows whether they left, and nobody has decided yet."""
        return self.filter(state=Send.State.UNKNOWN).exclude(reason="counted_as_sent")


class Send(models.Model):
    """planned → claimed → attempting → accepted | failed | skipped | unknown. See services.send for who may move it.

    Narrow and unpartitioned on purpose: the unique key is the promise "never twice".
    """

    class Kind(models.TextChoices):
        STEP = "step", _("step of a sequence")
        PIECE = "piece", _("piece from the library")
        CONFIRM = "confirm", _("confirmation")
        ASK = "ask", _("question from us")
        NOTICE = "notice", _("where we have your data from")
        TEST = "test", _("test")

    class State(models.TextChoices):
        PLANNED = "planned", _("waiting for its moment")
        CLAIMED = "claimed", _("taken by a worker")
        ATTEMPTING = "attempting", _("being handed over")
        ACCEPTED = "accepted", _("accepted by the mail server")
        FAILED = "failed", _("refused")
        SKIPPED = "skipped", _("not sent on purpose")
        UNKNOWN = "unknown", _("nobody can know whether it left")

    WAITING = (State.PLANNED, State.CLAIMED, State.ATTEMPTING)
    ENDED = (State.ACCEPTED, State.FAILED, State.SKIPPED, State.UNKNOWN)

    id = models.BigAutoField(primary_key=True)
    # The ledger is written four times a mail, and each time every index with it: a foreign key has one only where
    # somebody reads it, and those stand below by name.
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="sends", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    dedupe_key = models.CharField(
        max_length=120, help_text="step:<enrollment>:<step_key>, piece:<contact>:<piece>, confirm:…"
    )
    sandbox = models.BooleanField(help_text="kept on this machine; no history once the silo is live")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED, db_default=State.PLANNED)
    held = models.BooleanField(default=False, db_default=False, help_text="a person must release it")
    reason = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="why skipped, failed, unknown or put off",
    )
    enrollment = models.ForeignKey(
        Enrollment, models.SET_NULL, null=True, blank=True, related_name="sends", db_index=False
    )
    step_key = models.CharField(max_length=24, blank=True, default="", db_default="")
    piece = models.ForeignKey(
        Piece, models.PROTECT, null=True, blank=True, related_name="sends", db_index=False
    )
    mail = models.ForeignKey(
        MailVersion, models.PROTECT, null=True, blank=True, related_name="sends", db_index=False
    )
    sender = models.ForeignKey(
        Sender, models.PROTECT, null=True, blank=True, related_name="sends", db_index=False
    )
    address = models.CharField(
        max_length=254, blank=True, default="", db_default="", help_text="as handed over; emptied by erasure"
    )
    planned_at = models.DateTimeField()
    not_before = models.DateTimeField()
    latest_at = models.DateTimeField(help_text="later than this it makes no sense and is skipped")
    attempt = models.IntegerField(
        default=0, db_default=0, help_text="fencing token: grows by one with each claim"
    )
    claimed_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.IntegerField(default=0, db_default=0, help_text="how often a server put it off")
    finished_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    delivered_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    objects = SendQuerySet.as_manager()

    class Meta:
        verbose_name = _("send")
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key", "sandbox"], name="never_twice"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["planned", "claimed", "attempting", "accepted", "failed", "skipped", "unknown"]
                ),
                name="send_state_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["claimed", "attempting"])
                | models.Q(lease_until__isnull=False, attempt__gt=0),
                name="send_in_hand_has_a_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["planned", "claimed", "attempting"])
                | models.Q(finished_at__isnull=False),
                name="send_ended_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["failed", "skipped", "unknown"]) | ~models.Q(reason=""),
                name="send_not_accepted_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="step")
                | models.Q(enrollment__isnull=False)
                | ~models.Q(state="planned"),
                name="planned_step_has_an_enrollment",
            ),
        ]
        indexes = [
            # read by the claim
            models.Index(
                fields=["not_before", "id"],
                name="send_ready",
                condition=models.Q(state="planned", held=False),
            ),
            # read by the reaper
            models.Index(
                fields=["lease_until"],
                name="send_in_hand",
                condition=models.Q(state__in=["claimed", "attempting"]),
            ),
            models.Index(fields=["contact", "-planned_at"], name="send_by_contact"),
            models.Index(
                fields=["enrollment", "step_key"],
                name="send_by_enrollment",
                condition=models.Q(enrollment__isnull=False),
            ),
            models.Index(
                fields=["provider_id"], name="send_by_provider_id", condition=~models.Q(provider_id="")
            ),
            # read by segments: who was written to since a day, from the index alone
            models.Index(
                fields=["finished_at", "contact"],
                include=["sandbox"],
                name="send_left",
                condition=models.Q(state__in=["accepted", "unknown"], kind__in=["step", "piece"]),
            ),
            models.Index(fields=["piece"], name="send_by_piece", condition=models.Q(piece__isnull=False)),
            # read by the outbox; nearly every mail ends as accepted, and those are found by walking back over the ids
            models.Index(
                fields=["state", "-id"], name="send_by_state", condition=~models.Q(state="accepted")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dedupe_key} {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING


class SendDetail(models.Model):
    """What does not belong in the narrow ledger. Partitioned by month (see the migration), nothing points into it."""

    id = models.BigAutoField(primary_key=True)
    send_id = models.BigIntegerField()
    at = models.DateTimeField()
    merge = models.JSONField(default=dict, help_text="the merge values as sent; emptied by erasure")
    response = models.TextField(
        blank=True, default="", help_text="what the server answered, or the traceback"
    )

    class Meta:
        managed = False
        db_table = "nurturing_senddetail"

    def __str__(self) -> str:
        return str(self.send_id)


class SandboxMail(models.Model):
    """A mail that stayed on this machine, whole."""

    send = models.OneToOneField(
        Send,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sandbox_mail",
        help_text="null for a test mail to a colleague",
    )
    at = models.DateTimeField()
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=1000)
    raw = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="sandbox_mail_newest_first")]

    def __str__(self) -> str:
        return self.subject
