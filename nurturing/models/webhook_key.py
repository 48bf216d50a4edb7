"""What a provider proves itself with when it posts to us, and who was turned away."""

from datetime import datetime

from django.conf import settings
from django.db import models


class WebhookKeyQuerySet(models.QuerySet["WebhookKey"]):
    def in_force(self, now: datetime) -> "WebhookKeyQuerySet":
        """The current ones, and those that a newer one took the place of a short while ago."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=now))


class WebhookKey(models.Model):
    """A secret of one provider's webhooks: typed in by an admin where the provider signs, made by us where it does not.

    A new one takes the place of the old one, which holds for a while longer (`ends_at`): nothing that the provider
    posts in between is turned away.
    """

    provider = models.CharField(max_length=20)
    name = models.CharField(max_length=20, help_text="which of the provider's keys: see inbound.doors")
    secret = models.TextField(help_text="encrypted by contacts.keys")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "name"],
                condition=models.Q(ends_at=None),
                name="one_current_webhook_key_per_name",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.name}"


class WebhookRefusal(models.Model):
    """The last request that was turned away at an address: one row per address, written once a minute at most."""

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    why = models.CharField(max_length=20, help_text="no_key, wrong_key or unreadable")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind"], name="one_refusal_per_webhook_address")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}: {self.why}"
