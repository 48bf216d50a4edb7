"""A time in which the broker did not answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BrokerAbsence(models.Model):
    """Written by the stand-in, which does the clock's work meanwhile (see silo.stand_in)."""

    since = models.DateTimeField()
    seen_at = models.DateTimeField(
        help_text="when the stand-in last looked: an old one says that it is gone too"
    )
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("absence of the broker")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(until=None), name="one_broker_absence_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M}"
