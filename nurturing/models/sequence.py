"""A sequence: ordered, and it ends."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import LegalGround, Topic
from nurturing.models.mail_version import Level, MailVersion


class Sequence(models.Model):
    """Mails in order to people in the same situation. Afterwards they are back with the library at their own rhythm."""

    class StopsWhen(models.TextChoices):
        REPLIED = "replied", _("replied")
        MET = "met", _("met")
        OPPORTUNITY = "opportunity", _("opportunity")
        BOUGHT = "bought", _("bought")

    name = models.CharField(_("name"), max_length=120, unique=True)
    purpose = models.CharField(_("what it is for"), max_length=300, blank=True, default="")
    mail_purpose = models.CharField(
        _("what the mails are"),
        max_length=20,
        choices=LegalGround.Purpose,
        default=LegalGround.Purpose.MARKETING,
        db_default=LegalGround.Purpose.MARKETING,
        help_text="what the gate is asked about each of them",
    )
    priority = models.IntegerField(
        _("priority"), default=50, help_text=_("A higher number goes first when somebody could be in two.")
    )
    waits_at_most_days = models.IntegerField(
        _("waits at most, days"),
        default=90,
        help_text=_("How long somebody may wait for another sequence to end."),
    )
    stops_when = models.JSONField(default=list, help_text="StopsWhen values; a stop always stops it")
    live_version = models.ForeignKey(
        "SequenceVersion", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self) -> str:
        return self.name


class SequenceVersion(models.Model):
    """The steps as published (numbered), or the one draft of a sequence (no number yet)."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="versions")
    number = models.IntegerField(null=True, blank=True)
    revision = models.IntegerField(
        default=0, help_text="counts the edits of a draft, so that two people do not overwrite each other"
    )
    made_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["sequence"], condition=models.Q(number=None), name="one_draft_per_sequence"
            ),
            models.CheckConstraint(
                condition=models.Q(number=None, published_at=None)
                | models.Q(number__isnull=False, published_at__isnull=False),
                name="version_has_a_number_when_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence_id} v{self.number or 'draft'}"


class Step(models.Model):
    """One mail of a version. `key` is the same in every version, and an enrollment remembers keys, never positions."""

    class Wait(models.TextChoices):
        DAYS = "days", _("a number of days")
        RHYTHM = "rhythm", _("their own rhythm")

    version = models.ForeignKey(SequenceVersion, models.CASCADE, related_name="steps")
    key = models.CharField(max_length=24)
    position = models.IntegerField()
    wait = models.CharField(_("wait"), max_length=8, choices=Wait, default=Wait.DAYS)
    days = models.IntegerField(
        _("days"),
        default=7,
        help_text=_(
            "Days after the step before (or after they came in); with “their own rhythm” the most we wait."
        ),
    )
    level = models.CharField(_("level"), max_length=4, choices=Level, default=Level.TOFU)
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=5, default="sv")
    subject = models.CharField(_("subject"), max_length=300, blank=True, default="")
    preheader = models.CharField(_("preview line"), max_length=300, blank=True, default="")
    body = models.TextField(_("text"), blank=True, default="")
    mail = models.ForeignKey(
        MailVersion, models.PROTECT, null=True, blank=True, related_name="+", help_text="set at publication"
    )

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="one_step_per_key"),
            models.UniqueConstraint(
                fields=["version", "position"],
                name="one_step_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(days__gte=0, days__lte=730), name="step_waits_0_to_730_days"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.key
