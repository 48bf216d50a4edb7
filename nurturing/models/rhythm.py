"""The silo's rule for intervals, a person's wish, and every change with its reason."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact


class RhythmRule(models.Model):
    """How often the silo writes at the most and at the least. Never edited: the newest row holds."""

    number = models.IntegerField(unique=True)
    resting_days = models.FloatField(default=45)
    floor_days = models.FloatField(default=10)
    ceiling_days = models.FloatField(default=120)
    shorten = models.FloatField(default=0.8, help_text="factor for a human sign of interest")
    lengthen = models.FloatField(default=1.25, help_text="factor for an ignored mail")
    ignored_after_days = models.FloatField(default=14)
    weekdays = models.JSONField(
        default=list, help_text="ISO weekdays on which mail goes out, empty: Monday to Friday"
    )
    opens = models.TimeField(default="08:30")
    closes = models.TimeField(default="16:30")
    calm_july = models.BooleanField(default=True)
    mails_per_week = models.IntegerField(default=2, help_text="to one person, all kinds together")
    late_after_days = models.FloatField(default=7, help_text="a mail later than this is skipped, not sent")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    floor_days__gt=0,
                    resting_days__gte=models.F("floor_days"),
                    ceiling_days__gte=models.F("resting_days"),
                ),
                name="rhythm_floor_resting_ceiling_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class RhythmWish(models.Model):
    """The interval a person chose themselves; it beats what was learned."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="rhythm_wishes")
    days = models.FloatField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(withdrawn_at=None), name="one_rhythm_wish_per_contact"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} every {self.days:g} days"


class RhythmChange(models.Model):
    """One step of a person's interval, for the contact's page and for undo."""

    class Reason(models.TextChoices):
        INTEREST = "interest", _("a sign of interest")
        IGNORED = "ignored", _("a mail was left alone")
        WISH = "wish", _("their own wish")
        BY_HAND = "by_hand", _("set by a colleague")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="rhythm_changes")
    at = models.DateTimeField()
    from_days = models.FloatField()
    to_days = models.FloatField()
    reason = models.CharField(max_length=10, choices=Reason)
    send_id = models.BigIntegerField(null=True, blank=True)
    event_id = models.BigIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["contact", "-at"], name="rhythm_change_by_contact")]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "send_id"],
                condition=models.Q(reason="ignored"),
                name="a_mail_is_ignored_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.from_days:g}→{self.to_days:g}"
