"""A mailbox of ours that answers and bounces come back to."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def to_look_into(self, now: datetime) -> "MailboxQuerySet":
        """Those in use that can be opened and that nobody looks into at this moment."""
        return self.filter(stopped_at=None).exclude(secret="").exclude(taken_until__gt=now)


class Mailbox(models.Model):
    """Read by IMAP and never written to: nothing in it is deleted, moved or marked as read.

    How far it was read is (`uid_validity`, `last_uid`), moved on in the same transaction as what a mail caused.
    """

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the first byte (usual, port 993)")
        STARTTLS = "starttls", _("STARTTLS (port 143)")
        NONE = "none", _("none (only inside our own network)")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("password")
        MICROSOFT = "microsoft", _("Microsoft 365 (OAuth 2)")
        GOOGLE = "google", _("Google Workspace (OAuth 2)")

    address = models.EmailField(_("address"))
    host = models.CharField(_("IMAP server"), max_length=253)
    port = models.IntegerField(_("port"), default=993)
    security = models.CharField(_("encryption"), max_length=8, choices=Security, default=Security.TLS)
    sign_in = models.CharField(_("signs in with"), max_length=9, choices=SignIn, default=SignIn.PASSWORD)
    username = models.CharField(_("user name"), max_length=254)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    secret = models.TextField(
        blank=True, default="", help_text="password or refresh token, encrypted by contacts.keys"
    )
    client_id = models.CharField(_("application (client) id"), max_length=200, blank=True, default="")
    client_secret = models.TextField(blank=True, default="", help_text="encrypted by contacts.keys")
    tenant = models.CharField(_("directory (tenant) id"), max_length=100, blank=True, default="")
    inside_allowed = models.BooleanField(
        _("the server is inside our own network"),
        default=False,
        help_text="an admin said so; the audit log knows who",
    )

    uid_validity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    taken_until = models.DateTimeField(null=True, blank=True, help_text="somebody looks into it until then")
    looked_at = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(null=True, blank=True, help_text="when looking last went well")
    trouble = models.CharField(max_length=300, blank=True, default="")
    trouble_since = models.DateTimeField(null=True, blank=True)
    seen = models.BigIntegerField(default=0, help_text="mails looked at")
    kept = models.BigIntegerField(
        default=0, help_text="of them: answers and reports about somebody in the silo"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        constraints = [
            models.UniqueConstraint(
                fields=["host", "username", "folder"],
                condition=models.Q(stopped_at=None),
                name="one_mailbox_once",
            ),
            models.CheckConstraint(
                condition=models.Q(port__gte=1, port__lte=65535), name="mailbox_port_is_a_port"
            ),
            models.CheckConstraint(
                condition=~models.Q(security="none") | models.Q(inside_allowed=True),
                name="mailbox_without_encryption_is_inside",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def waits_for_sign_in(self) -> bool:
        """OAuth 2, and its owner has not said yes."""
        return self.sign_in != self.SignIn.PASSWORD and not self.secret
