"""The one door to sales."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def open(self) -> "HandoffQuerySet":
        return self.filter(closed_at=None)


class Handoff(models.Model):
    """ "Hot since, because": why a salesperson should look at this person, with the evidence as it was at that moment."""

    class Kind(models.TextChoices):
        CALL_ME = "call_me", _("asked to be called")
        REPLIED = "replied", _("replied")
        FORM = "form", _("filled in a form")
        HOT = "hot", _("hot")
        CALL_BACK = "call_back", _("call back")
        RIPE = "ripe", _("ripe")
        SUCCESSOR = "successor", _("find the successor")

    class CloseReason(models.TextChoices):
        OUTCOME = "outcome", _("a call had an outcome")
        COOLED = "cooled", _("cooled")
        STOPPED = "stopped", _("stopped")
        UNDONE = "undone", _("taken back")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="handoffs")
    kind = models.CharField(max_length=10, choices=Kind)
    opened_at = models.DateTimeField()
    because = models.CharField(max_length=300, help_text="one sentence for the salesperson")
    degrees = models.FloatField(null=True, blank=True, help_text="temperature at opening")
    evidence = models.JSONField(default=list, help_text="receipts frozen at opening")
    cools_at = models.DateTimeField(
        null=True, blank=True, help_text="when a hot one will have cooled; the clock wakes then"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=10, choices=CloseReason, blank=True, default="")
    call_id = models.BigIntegerField(
        null=True, blank=True, help_text="the call whose outcome closed it; no foreign key, sales is above us"
    )

    objects = HandoffQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-off")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "kind"],
                condition=models.Q(closed_at=None),
                name="one_open_handoff_per_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, close_reason="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(close_reason="")),
                name="handoff_closed_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="hot")
                | models.Q(cools_at__isnull=False)
                | models.Q(closed_at__isnull=False),
                name="hot_handoff_knows_when_it_cools",
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "-opened_at"], name="handoff_by_contact"),
            models.Index(
                fields=["kind", "opened_at"], name="handoff_open", condition=models.Q(closed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind}"
