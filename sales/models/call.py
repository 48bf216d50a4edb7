"""A call and what came of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from sales.models.claim import Claim


class CallQuerySet(models.QuerySet["Call"]):
    def standing(self) -> "CallQuerySet":
        """Calls that were not undone."""
        return self.filter(undone_at=None)


class Call(models.Model):
    """One outcome, with all that is needed to take it back. What each outcome leads to: sales.services.outcome."""

    LEFT = "left"
    """`because` of a wrong person who does not work there any more."""

    class Outcome(models.TextChoices):
        MEETING = "meeting", _("Meeting")
        OPPORTUNITY = "opportunity", _("Opportunity")
        FOLLOW_UP = "follow_up", _("Follow up")
        NOT_NOW = "not_now", _("Not now")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_PERSON = "wrong_person", _("Wrong person")
        NOT_HOT = "not_hot", _("Not hot")
        NOT_INTERESTED = "not_interested", _("Not interested")
        DO_NOT_CALL = "do_not_call", _("Do not call")
        BOUGHT = "bought", _("Bought")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="calls")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="calls")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=Outcome)
    note = models.TextField(blank=True, default="")
    until = models.DateField(null=True, blank=True, help_text="the date they named")
    because = models.CharField(max_length=200, blank=True, default="", help_text="not hot because…")
    claim = models.ForeignKey(Claim, models.SET_NULL, null=True, blank=True, related_name="calls")
    before = models.JSONField(default=dict, help_text="ids of what the outcome made and closed, for undo")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [
            models.Index(fields=["contact", "-at"], name="call_by_contact"),
            models.Index(fields=["by", "-at"], name="call_by_salesperson"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome__in=["follow_up", "not_now"]) | models.Q(until__isnull=False),
                name="call_later_names_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.outcome}"
