"""Who the mails come from, and the switches over all sending."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Sender(models.Model):
    """Name, address, legal footer and the way out. Without a complete footer no real mail leaves."""

    class Transport(models.TextChoices):
        SANDBOX = "sandbox", _("sandbox: nothing leaves this machine")
        SMTP = "smtp", _("mail server (SMTP)")
        # the rest are django-anymail's backends, by its own names
        AMAZON_SES = "amazon_ses", "Amazon SES"
        BREVO = "brevo", "Brevo"
        MAILERSEND = "mailersend", "MailerSend"
        MAILGUN = "mailgun", "Mailgun"
        MAILJET = "mailjet", "Mailjet"
        MAILTRAP = "mailtrap", "Mailtrap"
        MANDRILL = "mandrill", "Mandrill"
        POSTAL = "postal", "Postal"
        POSTMARK = "postmark", "Postmark"
        RESEND = "resend", "Resend"
        SCALEWAY = "scaleway", "Scaleway TEM"
        SENDGRID = "sendgrid", "SendGrid"
        SPARKPOST = "sparkpost", "SparkPost"
        UNISENDER_GO = "unisender_go", "Unisender Go"

    name = models.CharField(_("name people see"), max_length=120)
    email = models.EmailField(_("from address"))
    reply_to = models.EmailField(_("answers go to"), blank=True, default="")
    answers_to_owner = models.BooleanField(_("the salesperson gets each answer, too"), default=True)
    bounces_to = models.EmailField(_("bounces come back to"), blank=True, default="")
    plus_addresses = models.BooleanField(
        _("our mailbox takes plus-addresses"),
        default=False,
        help_text="each mail's own number stands in the addresses that answers and bounces come back to",
    )
    language = models.CharField(_("language"), max_length=5, default="sv")
    company = models.CharField(_("company"), max_length=200, blank=True, default="")
    postal_address = models.CharField(_("postal address"), max_length=300, blank=True, default="")
    org_number = models.CharField(_("organisation number"), max_length=40, blank=True, default="")
    website = models.URLField(_("website"), blank=True, default="")
    transport = models.CharField(_("way out"), max_length=20, choices=Transport, default=Transport.SANDBOX)
    transport_settings = models.JSONField(
        default=dict, blank=True, help_text="host, port, user, TLS…; no secrets"
    )
    secret = models.TextField(
        blank=True, default="", help_text="password or API key, encrypted by contacts.keys"
    )
    secret_at = models.DateTimeField(null=True, blank=True, help_text="when it was stored")
    inside_allowed = models.BooleanField(
        _("the server is inside our own network"),
        default=False,
        help_text="an admin said so; the audit log knows who",
    )
    trouble = models.CharField(
        max_length=20, blank=True, default="", help_text="why its way out is shut: a code of sending.words"
    )
    trouble_reply = models.CharField(max_length=500, blank=True, default="", help_text="what the server said")
    trouble_since = models.DateTimeField(null=True, blank=True)
    window = models.IntegerField(_("mails at risk in a crash"), default=10, help_text="W of the design")
    is_default = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_sender"
            ),
            models.CheckConstraint(
                condition=models.Q(window__gte=1, window__lte=100), name="sender_window_is_1_to_100"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def footer_is_complete(self) -> bool:
        """Company, postal address and organisation number are there (E-handelslagen 8 §, markedsføringsloven)."""
        return bool(self.company and self.postal_address and self.org_number)


class SendingHold(models.Model):
    """The one switch: while a row is open, nothing is sent."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    because = models.CharField(max_length=300)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(released_at=None), name="one_sending_hold_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.because


class GoLive(models.Model):
    """The deliberate act after which mails leave for real. The demo silo never has one."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(models.Value(1), name="a_silo_goes_live_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
