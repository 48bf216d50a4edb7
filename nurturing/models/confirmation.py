"""Forms by which people come in by themselves, and the questions that only the owner of an address can answer."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Topic
from nurturing.models.send import Send
from nurturing.models.sender import Sender
from nurturing.models.sequence import Sequence


class JoinForm(models.Model):
    """A public page with a consent in our own words. What somebody agreed to is kept with them, word for word."""

    slug = models.SlugField(max_length=60, unique=True, help_text="its public address; never changes")
    name = models.CharField(_("name for yourselves"), max_length=120, unique=True)
    language = models.CharField(_("language"), max_length=5, default="sv")
    heading = models.CharField(_("heading"), max_length=120)
    intro = models.TextField(_("what people get"), blank=True, default="", max_length=1000)
    wording = models.TextField(_("what they agree to"), max_length=1000)
    invitation_wording = models.TextField(
        _("what they agree to about invitations"), blank=True, default="", max_length=1000
    )
    thanks = models.TextField(_("what they read at the end"), blank=True, default="", max_length=1000)
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="+", verbose_name=_("topics to choose from")
    )
    asks_rhythm = models.BooleanField(_("lets them choose how often"), default=True)
    sequence = models.ForeignKey(
        Sequence,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sequence they begin"),
    )
    sender = models.ForeignKey(
        Sender, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sender")
    )
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("form")

    def __str__(self) -> str:
        return self.name


class Confirmation(models.Model):
    """A question that went to an address: did you ask for this? Looking at the page answers nothing; a POST does."""

    class Kind(models.TextChoices):
        JOIN = "join", _("wants to hear from us")
        EXPORT = "export", _("wants to see what we have")
        ERASE = "erase", _("wants to be erased")

    kind = models.CharField(max_length=6, choices=Kind)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="confirmations")
    form = models.ForeignKey(JoinForm, models.PROTECT, null=True, blank=True, related_name="confirmations")
    send = models.OneToOneField(
        Send,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="confirmation",
        help_text="the mail that asked",
    )
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_ip = models.CharField(max_length=45, blank=True, default="", help_text="emptied by erasure")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the colleague who asked; nobody when the person did",
    )
    wording = models.TextField(blank=True, default="", help_text="as it stood on the page")
    invitation_wording = models.TextField(blank=True, default="", help_text="empty: not asked or not ticked")
    topic_ids = models.JSONField(default=list)
    rhythm_days = models.FloatField(null=True, blank=True)
    made_contact = models.BooleanField(default=False, help_text="nobody knew the address before")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_ip = models.CharField(max_length=45, blank=True, default="", help_text="emptied by erasure")

    class Meta:
        verbose_name = _("confirmation")
        indexes = [
            models.Index(fields=["contact", "-asked_at"], name="confirmation_by_contact"),
            # read by the retention rule for addresses that nobody confirmed
            models.Index(
                fields=["asked_at"],
                name="confirmation_unanswered",
                condition=models.Q(answered_at=None, made_contact=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind} {self.asked_at:%Y-%m-%d}"

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.answered_at is None and now < self.expires_at
