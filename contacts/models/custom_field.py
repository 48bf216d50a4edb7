"""Fields that a company adds by itself: typed, named once, kept in `Contact.custom` under their key."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """One field of the company's own. Values lie in `Contact.custom[key]`: text and choice as str, number as int or float,
    date as "YYYY-MM-DD", yes/no as bool; an empty value is no key.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        CHOICE = "choice", _("choice")
        YES_NO = "yes_no", _("yes or no")

    key = models.SlugField(
        max_length=60, unique=True, help_text="never changes: imports, segments and mails name it"
    )
    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(_("choices"), default=list, blank=True, help_text="the words to choose from")
    created_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="no longer offered; values that are there stay"
    )

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
