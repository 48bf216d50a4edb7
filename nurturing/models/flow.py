"""How fast mails may leave: limits and what they have counted, plans for new domains, servers that are left alone."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from nurturing.models.sender import Sender


class MailHost(models.Model):
    """A house that takes mail for several domains (Gmail, Outlook): they share its limits and its moods."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    domains = ArrayField(models.CharField(max_length=253), help_text="in lower case, without a wildcard")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mailbox host")

    def __str__(self) -> str:
        return self.name


class WarmUp(models.Model):
    """The plan by which a new sending domain makes itself known: few mails on the first day, more each day."""

    domain = models.CharField(max_length=253)
    first = models.IntegerField(_("mails on the first day"), default=20)
    factor = models.FloatField(_("each day so many times more"), default=2.0)
    step = models.IntegerField(_("and so many more"), default=0)
    until = models.IntegerField(_("no limit from so many a day"), default=5_000)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("warm-up plan")
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(ended_at=None), name="one_open_warm_up_per_domain"
            ),
            models.CheckConstraint(
                condition=models.Q(first__gte=1, step__gte=0, factor__gte=1, until__gte=1)
                & (models.Q(factor__gt=1) | models.Q(step__gt=0)),
                name="a_warm_up_grows",
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class SendLimit(models.Model):
    """So many mails in a period, through one sender, to one host, or on one day of a warm-up; with its own counter.

    The counter is written before a mail is handed over: a crash lets fewer through, never more.
    """

    class Period(models.TextChoices):
        MINUTE = "minute", _("a minute")
        HOUR = "hour", _("an hour")
        DAY = "day", _("a day")
        WARM_UP = "warm_up", _("a day of warm-up")

    sender = models.ForeignKey(Sender, models.CASCADE, null=True, blank=True, related_name="limits")
    host = models.ForeignKey(MailHost, models.CASCADE, null=True, blank=True, related_name="limits")
    warm_up = models.ForeignKey(WarmUp, models.CASCADE, null=True, blank=True, related_name="days")
    period = models.CharField(max_length=7, choices=Period)
    day = models.DateField(null=True, blank=True, help_text="of a warm-up: the silo's own calendar")
    most = models.IntegerField()
    head = models.BigIntegerField(default=0, help_text="number of the newest slice: see sending.pace")
    counts = ArrayField(models.IntegerField(), help_text="what left in the last slices, the newest last")
    tail_at = models.DateTimeField(
        null=True, blank=True, help_text="when the last of those who wait has its turn"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sender__isnull=False, host=None, warm_up=None, day=None)
                | models.Q(sender=None, host__isnull=False, warm_up=None, day=None)
                | models.Q(sender=None, host=None, warm_up__isnull=False, day__isnull=False),
                name="a_limit_is_about_one_thing",
            ),
            models.CheckConstraint(condition=models.Q(most__gte=1), name="a_limit_lets_something_through"),
            models.CheckConstraint(
                condition=models.Q(counts__len=1, period="warm_up", warm_up__isnull=False)
                | models.Q(counts__len=13, period__in=["minute", "hour", "day"], warm_up=None),
                name="a_limit_counts_in_its_slices",
            ),
            models.UniqueConstraint(
                fields=["sender", "period"],
                condition=models.Q(sender__isnull=False),
                name="one_limit_per_sender",
            ),
            models.UniqueConstraint(
                fields=["host", "period"], condition=models.Q(host__isnull=False), name="one_limit_per_host"
            ),
            models.UniqueConstraint(
                fields=["warm_up", "day"],
                condition=models.Q(warm_up__isnull=False),
                name="one_limit_per_warm_up_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.most} {self.period}"


class Breaker(models.Model):
    """A receiving server that we leave alone since it refused or put off too many; one row each time.

    Open until `closed_at`. After `retry_at` one mail is let through (`trial_send_id`); a person may hold it longer.
    """

    class Kind(models.TextChoices):
        GONE = "gone", _("too many addresses that do not exist")
        DEFERRED = "deferred", _("too many mails put off")
        BLOCKED = "blocked", _("mails refused because of us")

    receiver = models.CharField(max_length=253, help_text="a domain, or host:<id>")
    name = models.CharField(max_length=253, help_text="as people call it")
    kind = models.CharField(max_length=8, choices=Kind)
    opened_at = models.DateTimeField()
    because = models.CharField(max_length=500, help_text="what the server said last")
    troubles = models.IntegerField(help_text="mails in trouble when it opened")
    seen = models.IntegerField(help_text="of so many")
    tries = models.IntegerField(default=0, help_text="how often one mail was let through in vain")
    pause_minutes = models.IntegerField()
    retry_at = models.DateTimeField()
    trial_send_id = models.BigIntegerField(null=True, blank=True)
    trial_until = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="a person wants it held")
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receiver"], condition=models.Q(closed_at=None), name="one_open_breaker_per_receiver"
            ),
            models.CheckConstraint(
                condition=models.Q(trial_send_id=None, trial_until=None)
                | models.Q(trial_send_id__isnull=False, trial_until__isnull=False),
                name="a_trial_has_an_end",
            ),
        ]
        indexes = [models.Index(fields=["receiver", "-closed_at"], name="breaker_by_receiver")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_held(self) -> bool:
        """A person decided that it waits until a person decides again."""
        return self.held_at is not None


class ReceiverTrouble(models.Model):
    """One mail that a receiving server refused or put off: what a breaker is opened by. Thrown away after some days."""

    receiver = models.CharField(max_length=253)
    at = models.DateTimeField()
    send_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Breaker.Kind)
    weight = models.IntegerField()
    reply = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["receiver", "-at"], name="trouble_by_receiver")]

    def __str__(self) -> str:
        return f"{self.receiver} {self.kind}"
