"""How long things are kept: rules that somebody switched on, and what each of their rounds did."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RetentionRule(models.Model):
    """A rule that is on, or was. The kinds and their sentences stand in contacts.keeping; no row: never switched on."""

    kind = models.CharField(max_length=30, unique=True)
    days = models.PositiveIntegerField(_("days"), help_text="how long things are kept")
    on_since = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("retention rule")

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"


class RetentionRun(models.Model):
    """One round of one rule that found something to do."""

    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    days = models.PositiveIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "-at"], name="retention_run_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}: {self.count}"
