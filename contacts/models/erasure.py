"""That somebody was erased: enough to erase them again, never enough to know who they were."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """One erased contact. The same facts lie in the ledger outside the database, for a backup that is restored."""

    class Why(models.TextChoices):
        PERSON = "person", _("the person asked for it")
        COLLEAGUE = "colleague", _("a colleague did it")
        RETENTION = "retention", _("a retention rule")
        UNCONFIRMED = "unconfirmed", _("never confirmed their address")
        RESTORED = "restored", _("erased again after a backup was restored")

    contact_id = models.BigIntegerField(help_text="no foreign key: outlives every row")
    made_at = models.DateTimeField(
        help_text="created_at of the contact: tells it from another with its number"
    )
    at = models.DateTimeField()
    why = models.CharField(max_length=12, choices=Why)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    hashes = models.JSONField(default=list, help_text="keyed hashes of their addresses and number")

    class Meta:
        verbose_name = _("erasure")
        constraints = [
            models.UniqueConstraint(fields=["contact_id", "made_at"], name="a_contact_is_erased_once")
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="erasure_newest_first")]

    def __str__(self) -> str:
        return f"#{self.contact_id} {self.at:%Y-%m-%d}"
