"""A deal on its way, its stages, and what was bought."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Contact
from sales.models.call import Call


class Stage(models.Model):
    """A stage of the pipeline, with the questions to ask when something sticks there."""

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.IntegerField(unique=True)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.OPEN)
    questions = models.TextField(_("questions to ask"), blank=True, default="")

    class Meta:
        ordering: ClassVar = ["position"]
        verbose_name = _("stage")

    def __str__(self) -> str:
        return self.name


class Opportunity(models.Model):
    """What may be sold to whom, how much it is worth, and the next step."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="opportunities")
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="opportunities")
    title = models.CharField(_("what"), max_length=200)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="opportunities")
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    next_step = models.CharField(_("next step"), max_length=300, blank=True, default="")
    next_step_on = models.DateField(_("on"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="opportunities"
    )
    call = models.ForeignKey(Call, models.SET_NULL, null=True, blank=True, related_name="opportunities")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=200, blank=True, default="")
    revision = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes = [
            models.Index(
                fields=["stage", "-opened_at"],
                name="opportunity_open_by_stage",
                condition=models.Q(closed_at=None),
            ),
            models.Index(fields=["contact"], name="opportunity_by_contact"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value=None) | models.Q(value__gte=0),
                name="opportunity_value_is_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.title


class StageMove(models.Model):
    """From stage to stage, by whom and when; the funnel and the forecast are read from these."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="moves")
    from_stage = models.ForeignKey(Stage, models.PROTECT, null=True, blank=True, related_name="+")
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["opportunity", "at"], name="stage_move_in_order")]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.from_stage_id}→{self.to_stage_id}"


class Purchase(models.Model):
    """Somebody bought. The journey goes on: onboarding, and the question who else might."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="purchases")
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="purchases")
    opportunity = models.OneToOneField(
        Opportunity, models.SET_NULL, null=True, blank=True, related_name="purchase"
    )
    call = models.ForeignKey(Call, models.SET_NULL, null=True, blank=True, related_name="purchases")
    at = models.DateTimeField()
    what = models.CharField(max_length=200, blank=True, default="")
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="SEK")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("purchase")
        indexes = [models.Index(fields=["contact", "-at"], name="purchase_by_contact")]

    def __str__(self) -> str:
        return self.what


class Referral(models.Model):
    """A customer was asked who else might need us; the one they named comes in with a way in."""

    asked = models.ForeignKey(Contact, models.CASCADE, related_name="referrals_asked")
    asked_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    purchase = models.ForeignKey(Purchase, models.SET_NULL, null=True, blank=True, related_name="referrals")
    answered_at = models.DateTimeField(null=True, blank=True)
    brought = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="referrals_brought"
    )
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("referral")
        indexes = [models.Index(fields=["asked", "-asked_at"], name="referral_by_contact")]

    def __str__(self) -> str:
        return f"{self.asked_id} → {self.brought_id or '?'}"
