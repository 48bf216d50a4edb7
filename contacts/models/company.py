"""The organisation a contact works for."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """A company, matched by domain and by name without its legal form (AB, AS, Oy…)."""

    name = models.CharField(_("name"), max_length=300)
    name_key = models.CharField(
        max_length=300, help_text="lower case, no accents, no legal form; see contacts.reading.values"
    )
    domain = models.CharField(_("web domain"), max_length=255, blank=True, default="")
    org_number = models.CharField(_("organisation number"), max_length=40, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    city = models.CharField(_("city"), max_length=120, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [models.UniqueConstraint(fields=["name_key"], name="one_company_per_name")]
        indexes = [models.Index(fields=["domain"], name="company_by_domain", condition=~models.Q(domain=""))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/companies/{self.pk}/"
