"""One salesperson holds one person at a time."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact


class ClaimQuerySet(models.QuerySet["Claim"]):
    def open(self) -> "ClaimQuerySet":
        """Not released; one whose time ran out still counts until somebody takes it over or the clock ends it."""
        return self.filter(released_at=None)

    def running(self, now: datetime) -> "ClaimQuerySet":
        """Open and not run out."""
        return self.open().filter(expires_at__gt=now)


class Claim(models.Model):
    """Two salespeople never hold the same person: the database says so."""

    class ReleaseReason(models.TextChoices):
        OUTCOME = "outcome", _("the call had an outcome")
        EXPIRED = "expired", _("time ran out")
        RETURNED = "returned", _("put back")
        UNDONE = "undone", _("undone")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="claims")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="claims")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=10, choices=ReleaseReason, blank=True, default="")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(released_at=None), name="one_claim_per_contact"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("at")), name="claim_runs_out_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} by {self.by_id}"
