"""A time in which the machine was off, and what a person decided about the mails that are late."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Gap(models.Model):
    """While it has no answer, mails and people whose moment lies before `until` wait; what comes later goes on.

    Only the newest gap holds: it covers those before it.
    """

    class Answer(models.TextChoices):
        NOW = "now", _("send them now")
        SPREAD = "spread", _("spread them over some days")
        SKIP = "skip", _("skip those past their useful time")

    since = models.DateTimeField(help_text="the last sign of life before it")
    until = models.DateTimeField(help_text="when it was noticed; what was due before is late")
    late = models.IntegerField(help_text="mails that were late when it was noticed")
    answer = models.CharField(max_length=6, choices=Answer, blank=True, default="", db_default="")
    days = models.IntegerField(default=0, db_default=0, help_text="over how many days they are spread")
    answered_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("gap")
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(answered_at=None),
                name="one_question_about_a_gap_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answer="")
                | models.Q(answered_at__isnull=False) & ~models.Q(answer=""),
                name="gap_is_answered_with_an_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(days=0) | models.Q(answer="spread", days__gte=1),
                name="only_a_spread_gap_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    @property
    def spread_over(self) -> timedelta:
        return timedelta(days=self.days)
