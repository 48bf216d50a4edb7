"""On what ground we may write to a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact


class LegalGround(models.Model):
    """The ground for one contact and one purpose, with its proof. Stored at import, judged at each send by queries.gate."""

    class Ground(models.TextChoices):
        CONSENT = "consent", _("consent")
        EXISTING_CUSTOMER = "existing_customer", _("existing customer, similar goods")
        ROLE_ADDRESS = "role_address", _("role address of a company")
        LEGITIMATE_INTEREST = "legitimate_interest", _("legitimate interest (person in a company role)")
        NONE = "none", _("none: stored, never written to")

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("news and offers")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="grounds")
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

    class Meta:
        verbose_name = _("legal ground")
        verbose_name_plural = _("legal grounds")
        constraints = [
            models.UniqueConstraint(fields=["contact", "purpose"], name="one_ground_per_contact_and_purpose")
        ]

    def __str__(self) -> str:
        return self.get_ground_display()
