"""A contact's run through a sequence."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from nurturing.models.sequence import Sequence


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def active(self) -> "EnrollmentQuerySet":
        """In the lane now."""
        return self.filter(started_at__isnull=False, ended_at=None)

    def waiting(self) -> "EnrollmentQuerySet":
        """Waiting for the lane to be free."""
        return self.filter(started_at=None, ended_at=None)


class Enrollment(models.Model):
    """At most one is active per contact; others wait by priority until they expire. It follows the sequence's live version."""

    class EndReason(models.TextChoices):
        COMPLETED = "completed", _("went through")
        REPLIED = "replied", _("replied")
        MET = "met", _("met")
        OPPORTUNITY = "opportunity", _("opportunity")
        BOUGHT = "bought", _("bought")
        STOPPED = "stopped", _("stopped")
        EXPIRED = "expired", _("waited too long")
        BY_HAND = "by_hand", _("taken out by a colleague")
        UNDONE = "undone", _("bringing in was undone")

    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="enrollments", db_index=False
    )  # enrollment_by_contact begins with it
    sequence = models.ForeignKey(Sequence, models.PROTECT, related_name="enrollments")
    priority = models.IntegerField(default=50)
    entered_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="when waiting for the lane has lost its sense")
    last_step_key = models.CharField(
        max_length=24, blank=True, default="", help_text="last completed step; empty: none yet"
    )
    last_step_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=EndReason, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    source = models.CharField(
        max_length=120, blank=True, default="", help_text="list, page, import, purchase… in words"
    )
    batch_id = models.BigIntegerField(
        null=True, blank=True, help_text="one number for all that were brought in together, for undo"
    )

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrollment")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(started_at__isnull=False, ended_at=None),
                name="one_active_enrollment_per_contact",
            ),
            models.UniqueConstraint(
                fields=["contact", "sequence"],
                condition=models.Q(ended_at=None),
                name="one_open_enrollment_per_sequence",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(end_reason="")),
                name="enrollment_ended_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sequence", "last_step_key"],
                name="enrollment_here_now",
                condition=models.Q(ended_at=None),
            ),
            models.Index(fields=["contact", "-entered_at"], name="enrollment_by_contact"),
            # read by every tick: whose waiting has lost its sense
            models.Index(
                fields=["expires_at"],
                name="enrollment_waiting",
                condition=models.Q(ended_at=None, started_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.sequence_id}"
