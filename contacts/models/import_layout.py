"""How files with a certain header line were understood: the next one of its kind is understood at once."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportLayout(models.Model):
    """A header line that somebody confirmed, with what each column is. It holds titles of columns and no person."""

    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="of the header's names, in their order"
    )
    name = models.CharField(max_length=255, help_text="the file in which it was seen last")
    header = models.JSONField(default=list, help_text="the titles of the columns")
    mapping = models.JSONField(default=dict, help_text="column number to field name")
    options = models.JSONField(default=dict, help_text="country, policy per field, ground of the last import")
    times = models.IntegerField(default=1, help_text="how many imports had it")
    used_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name = _("known layout")
        verbose_name_plural = _("known layouts")
        ordering: ClassVar = ["-used_at"]

    def __str__(self) -> str:
        return self.name
