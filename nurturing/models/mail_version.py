"""A mail as it was published: never edited, compiled once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """How far somebody has come when a text suits them."""

    TOFU = "tofu", _("TOFU")
    MOFU = "mofu", _("MOFU")
    BOFU = "bofu", _("BOFU")


class MailVersion(models.Model):
    """The words of a step or piece at its publication, with what was compiled from them.

    "The mail as sent" is this plus the merge snapshot.
    """

    subject = models.CharField(max_length=300)
    preheader = models.CharField(max_length=300, blank=True, default="")
    body = models.TextField(help_text="Markdown with Liquid merge fields")
    language = models.CharField(max_length=5)
    compiled = models.JSONField(help_text="see nurturing.content.compiling.Compiled")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.subject
