"""On what ground we may write to a person."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact


class LegalGround(models.Model):
    """The ground for one contact and one purpose, with its proof. Stored at import, judged at each send by queries.gate.

    Every change leaves the old row in FormerGround: a trigger of the database sees to it.
    """

    class Ground(models.TextChoices):
        CONSENT = "consent", _("consent")
        EXISTING_CUSTOMER = "existing_customer", _("existing customer, similar goods")
        ROLE_ADDRESS = "role_address", _("role address of a company")
        LEGITIMATE_INTEREST = "legitimate_interest", _("legitimate interest (person in a company role)")
        NONE = "none", _("none: stored, never written to")

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("news and offers")
        INVITATION = "invitation", _("invitations to events")
        SERVICE = "service", _("information to customers")

    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        related_name="grounds",
        db_index=False,  # the unique constraint begins with it
        db_constraint=False,  # kept by the statement triggers of contacts.0004, a million rows at a time
    )
    purpose = models.CharField(
        max_length=20, choices=Purpose, default=Purpose.MARKETING, db_default=Purpose.MARKETING
    )
    ground = models.CharField(max_length=20, choices=Ground)
    at = models.DateTimeField(
        help_text="when the ground arose: the moment of consent, of the purchase, of the decision"
    )
    source = models.CharField(max_length=200, blank=True, default="", db_default="")
    wording = models.TextField(
        blank=True, default="", db_default="", help_text="what the person agreed to, or the balancing text"
    )
    ip = models.CharField(max_length=45, blank=True, default="", db_default="")
    batch_id = models.BigIntegerField(null=True, blank=True, help_text="the import that brought it")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,  # a million rows of an import would each pay for it
        related_name="+",
        help_text="the colleague who stored it; nobody when the person themselves or an import did",
    )

    class Meta:
        verbose_name = _("legal ground")
        verbose_name_plural = _("legal grounds")
        constraints = [
            # with the ground in it, so that segments are counted from the index alone
            models.UniqueConstraint(
                fields=["contact", "purpose"], include=["ground"], name="one_ground_per_contact_and_purpose"
            )
        ]
        indexes = [
            # read by segments and the list's filter, from the index alone: what most people have is found by walking
            models.Index(
                fields=["ground", "contact"],
                include=["purpose"],
                name="ground_by_rare_kind",
                condition=~models.Q(ground__in=["legitimate_interest", "none"]),
            )
        ]

    def __str__(self) -> str:
        return self.get_ground_display()


class FormerGround(models.Model):
    """A ground as it was before somebody changed it. Written by a trigger on every change of LegalGround."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="former_grounds")
    purpose = models.CharField(max_length=20, choices=LegalGround.Purpose)
    ground = models.CharField(max_length=20, choices=LegalGround.Ground)
    at = models.DateTimeField()
    source = models.CharField(max_length=200, blank=True, default="")
    wording = models.TextField(blank=True, default="")
    ip = models.CharField(max_length=45, blank=True, default="")
    batch_id = models.BigIntegerField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    until = models.DateTimeField(help_text="when it was replaced")

    class Meta:
        verbose_name = _("former ground")
        indexes = [models.Index(fields=["contact", "-until"], name="former_ground_by_contact")]

    def __str__(self) -> str:
        return f"{self.ground} until {self.until:%Y-%m-%d}"


class BalancingText(models.Model):
    """Why our interest weighs more than theirs (GDPR 6(1)(f)). Never edited: the newest version holds."""

    text = models.TextField(_("balancing text"))
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("balancing text")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
