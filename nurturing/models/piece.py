"""The library: evergreen pieces without order and without end."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Topic
from nurturing.models.mail_version import Level, MailVersion


class PieceQuerySet(models.QuerySet["Piece"]):
    def live(self) -> "PieceQuerySet":
        """Published and not retired: what the planner may choose from."""
        return self.filter(mail__isnull=False, retired_at=None)


class Piece(models.Model):
    """One evergreen mail. Nobody gets the same piece twice."""

    title = models.CharField(_("title"), max_length=200)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="pieces", verbose_name=_("topic"))
    level = models.CharField(_("level"), max_length=4, choices=Level, default=Level.TOFU)
    language = models.CharField(_("language"), max_length=5, default="sv")
    subject = models.CharField(_("subject"), max_length=300, blank=True, default="")
    preheader = models.CharField(_("preview line"), max_length=300, blank=True, default="")
    body = models.TextField(_("text"), blank=True, default="")
    revision = models.IntegerField(default=0)
    mail = models.ForeignKey(
        MailVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the version that goes out; null: draft",
    )
    published_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = PieceQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece")
        verbose_name_plural = _("pieces")

    def __str__(self) -> str:
        return self.title
