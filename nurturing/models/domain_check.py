"""What the name servers say about the domain that a sender writes from."""

from django.conf import settings
from django.db import models

from nurturing.models.sender import Sender


class DomainCheck(models.Model):
    """One look. Kept so that the page can say what was found and when, without asking anew."""

    sender = models.ForeignKey(Sender, models.CASCADE, related_name="domain_checks")
    domain = models.CharField(max_length=253)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    selectors = models.JSONField(default=list, blank=True, help_text="DKIM selectors to look for")
    done_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(default=list, blank=True, help_text="see nurturing.names.findings")

    class Meta:
        indexes = [models.Index(fields=["sender", "-asked_at"], name="domain_check_newest_first")]

    def __str__(self) -> str:
        return self.domain
