"""Who did what, to whom, when: written in the same transaction as the change."""

from django.conf import settings
from django.db import models

LOOKED_AT = "contact.looked_at"
"""Somebody opened a person's page: nothing happened to the person."""


class AuditEvent(models.Model):
    """Append-only: a trigger of the database refuses every change, and removal but for the retention rule's own way.

    Holds ids and field names, never values, so that it survives an erasure.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    verb = models.CharField(
        max_length=60, help_text="noun.verb, e.g. contact.added, suppression.lifted, sequence.published"
    )
    contact_id = models.BigIntegerField(
        null=True, blank=True, help_text="no foreign key: the line outlives the person"
    )
    object_type = models.CharField(max_length=40, blank=True, default="")
    object_id = models.BigIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["contact_id", "-at"], name="audit_by_contact"),
            models.Index(fields=["-at"], name="audit_newest_first"),
            # read by the page that searches it, newest first
            models.Index(fields=["by", "-at"], name="audit_by_colleague"),
            models.Index(fields=["verb", "-at"], name="audit_by_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
