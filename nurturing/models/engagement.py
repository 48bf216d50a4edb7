"""What people did with our mails, how sure we are that it was a person, and what it is worth."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Topic
from nurturing.models.mail_version import Level
from nurturing.models.send import Send


class Hit(models.Model):
    """One request for a tracked address, kept raw. Partitioned by month, nothing points into it; its grade can be made again."""

    class Kind(models.TextChoices):
        CLICK = "click", _("link")
        TRAP = "trap", _("link that no person sees")
        STOP_PAGE = "stop_page", _("stop page opened")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    send_id = models.BigIntegerField()
    link_no = models.IntegerField(null=True, blank=True)
    url = models.TextField(blank=True, default="")
    method = models.CharField(max_length=8)
    agent = models.CharField(max_length=400, blank=True, default="")
    network = models.CharField(
        max_length=64, blank=True, default="", help_text="keyed hash of the address block, never the address"
    )
    headers = models.JSONField(default=dict)
    human = models.FloatField(null=True, blank=True, help_text="0 machine … 1 person; null: not graded yet")
    signs = models.JSONField(default=list, help_text="the signs behind the grade")
    grade_version = models.IntegerField(null=True, blank=True)

    class Meta:
        managed = False
        db_table = "nurturing_hit"

    def __str__(self) -> str:
        return f"{self.kind} {self.send_id} {self.at:%Y-%m-%d %H:%M:%S}"


class EngagementEvent(models.Model):
    """django-anymail's EventType words plus our own. Rows are facts: temperature is rebuilt from them."""

    class Type(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        DEFERRED = "deferred", _("put off")
        BOUNCED = "bounced", _("bounced")
        REJECTED = "rejected", _("rejected")
        FAILED = "failed", _("failed")
        COMPLAINED = "complained", _("reported as spam")
        UNSUBSCRIBED = "unsubscribed", _("asked for no more mail")
        OPENED = "opened", _("opened")
        CLICKED = "clicked", _("clicked")
        AUTORESPONDED = "autoresponded", _("automatic answer")
        REPLIED = "replied", _("replied")
        CALL_ME = "call_me", _("asked to be called")
        FORM = "form", _("filled in a form")
        RHYTHM = "rhythm", _("chose how often we write")
        OTHER = "other", _("other")

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="engagement")
    send = models.ForeignKey(Send, models.SET_NULL, null=True, blank=True, related_name="engagement")
    type = models.CharField(max_length=14, choices=Type)
    at = models.DateTimeField(help_text="when it happened; never later than recorded_at")
    recorded_at = models.DateTimeField()
    human = models.FloatField(default=1, db_default=1, help_text="human evidence, 0 … 1")
    signs = models.JSONField(default=list, help_text="why that grade")
    level = models.CharField(max_length=4, choices=Level, blank=True, default="", db_default="")
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="+")
    what = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="the receipt's words: title of the piece, subject, first words of the reply",
    )
    url = models.TextField(blank=True, default="", db_default="")
    link_no = models.IntegerField(null=True, blank=True)
    source = models.CharField(max_length=20, help_text="silo, mailgun, postmark, smtp…")
    hit_id = models.BigIntegerField(null=True, blank=True)
    dedup_hash = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("engagement event")
        constraints = [
            models.UniqueConstraint(fields=["dedup_hash"], name="one_event_once"),
            models.CheckConstraint(
                condition=models.Q(human__gte=0, human__lte=1), name="human_evidence_is_0_to_1"
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "-at"], name="engagement_by_contact"),
            # read by segments: who did what since a day; clicks of machines are not in it
            models.Index(
                fields=["type", "at", "contact"],
                include=["topic"],
                name="engagement_human",
                condition=models.Q(human__gte=0.5),
            ),
            # read by the list's filter: who came how far; to read of the beginnings is common and says little
            models.Index(
                fields=["level", "contact"],
                name="engagement_by_level",
                condition=models.Q(human__gte=0.5, type__in=["clicked", "replied"]) & ~models.Q(level=""),
            ),
            models.Index(
                fields=["send", "type"], name="engagement_by_send", condition=models.Q(send__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.type} {self.at:%Y-%m-%d %H:%M}"


class TemperatureRule(models.Model):
    """Points, half-life and thresholds. Never edited: the newest row holds, and standings say by which rule their heat was made."""

    number = models.IntegerField(unique=True)
    half_life_days = models.FloatField(default=21)
    points = models.JSONField(help_text="see nurturing.temperature.points.Rule")
    open_at = models.FloatField(default=70, help_text="degrees at which a hand-off opens")
    close_at = models.FloatField(default=50, help_text="degrees under which it closes again")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(close_at__lt=models.F("open_at"), close_at__gt=0, half_life_days__gt=0),
                name="temperature_closes_below_where_it_opens",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class ProviderEvent(models.Model):
    """A webhook as the provider sent it, also one that fits no send of ours."""

    provider = models.CharField(max_length=20)
    at = models.DateTimeField()
    dedup_hash = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=20)
    message_id = models.CharField(max_length=300, blank=True, default="")
    recipient = models.CharField(max_length=254, blank=True, default="")
    payload = models.JSONField(default=dict)
    contact_id = models.BigIntegerField(null=True, blank=True)
    send_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="provider_event_newest_first"),
            # "last event received" of each provider, on the page Webhooks
            models.Index(fields=["provider", "-at"], name="provider_event_by_provider"),
            # read by erasures: who is named without being known
            models.Index(
                Lower("recipient"), name="provider_event_by_recipient", condition=~models.Q(recipient="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.type}"


class Reply(models.Model):
    """A mail that somebody wrote back."""

    class Kind(models.TextChoices):
        HUMAN = "human", _("reply")
        OUT_OF_OFFICE = "out_of_office", _("out of office")
        LEFT = "left", _("has left the company")
        AUTOMATIC = "automatic", _("automatic answer")
        STOP = "stop", _("asks for no more mail")

    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="replies")
    send = models.ForeignKey(Send, models.SET_NULL, null=True, blank=True, related_name="replies")
    kind = models.CharField(max_length=14, choices=Kind)
    at = models.DateTimeField()
    from_address = models.CharField(max_length=254, blank=True, default="")
    subject = models.CharField(max_length=1000, blank=True, default="")
    text = models.TextField(blank=True, default="", help_text="without the quoted mail")
    whole = models.TextField(blank=True, default="", help_text="with it; emptied by erasure")
    returns_on = models.DateField(
        null=True, blank=True, help_text="the first day back, as an absence note says"
    )
    message_id = models.CharField(max_length=400)
    source = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [models.UniqueConstraint(fields=["message_id"], name="one_reply_once")]
        indexes = [
            models.Index(fields=["contact", "-at"], name="reply_by_contact"),
            # read by erasures: what strangers wrote
            models.Index(Lower("from_address"), name="reply_of_strangers", condition=models.Q(contact=None)),
        ]

    def __str__(self) -> str:
        return self.subject
