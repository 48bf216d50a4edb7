"""The person in the silo."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from contacts.models.company import Company


class Topic(models.Model):
    """What people care about and pieces are about."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class ContactQuerySet(models.QuerySet["Contact"]):
    def present(self) -> "ContactQuerySet":
        """Everyone but the tombstones of erased people."""
        return self.filter(erased_at=None)


class Contact(models.Model):
    """Everyone who may ever become a customer, also people with a phone and no address."""

    class Recipient(models.TextChoices):
        NATURAL_PERSON = "natural_person", _("private person")
        SOLE_TRADER = "sole_trader", _("sole trader")
        COMPANY_ROLE = "company_role", _("person in a company role")
        ROLE_ADDRESS = "role_address", _("role address (post@, info@)")

    class Obtained(models.TextChoices):
        """Who gave us the data: decides who must be told where it came from (GDPR 13 and 14)."""

        SELF = "self", _("from the person")
        LIST = "list", _("from a list")
        COLLEAGUE = "colleague", _("from somebody who knows them")

    class WayIn(models.TextChoices):
        """How the person came to us (MISSION 17)."""

        LIST = "list", _("imported list")
        FORM = "form", _("form")
        EVENT = "event", _("event or webinar")
        CALLED_US = "called_us", _("called or wrote to us")
        REFERRAL_INTERNAL = "referral_internal", _("recommended by a colleague of theirs")
        REFERRAL_EXTERNAL = "referral_external", _("recommended by somebody else")
        COLD_CALL = "cold_call", _("cold call")
        OTHER = "other", _("other")

    email = models.CharField(_("e-mail"), max_length=254, null=True, blank=True)
    email_key = models.GeneratedField(
        expression=Lower("email"), output_field=models.CharField(max_length=254, null=True), db_persist=True
    )
    first_name = models.CharField(_("first name"), max_length=120, blank=True, db_default="", default="")
    last_name = models.CharField(_("last name"), max_length=120, blank=True, db_default="", default="")
    title = models.CharField(_("title"), max_length=200, blank=True, db_default="", default="")
    phone = models.CharField(
        _("phone"), max_length=20, blank=True, db_default="", default="", help_text="E.164"
    )
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        db_index=False,
        db_constraint=False,  # kept by the triggers of contacts.0010, which ask once for a whole import
    )
    city = models.CharField(_("city"), max_length=120, blank=True, db_default="", default="")
    country = models.CharField(_("country"), max_length=2, blank=True, db_default="", default="")
    language = models.CharField(
        _("language"),
        max_length=5,
        blank=True,
        db_default="",
        default="",
        help_text="sv, nb, en; empty: by country",
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        blank=True,
        db_default="",
        default="",
        help_text="IANA; empty: by country",
    )
    recipient = models.CharField(
        _("recipient type"),
        max_length=20,
        choices=Recipient,
        db_default=Recipient.COMPANY_ROLE,
        default=Recipient.COMPANY_ROLE,
    )
    obtained = models.CharField(
        max_length=12, choices=Obtained, db_default=Obtained.LIST, default=Obtained.LIST
    )
    informed_at = models.DateTimeField(
        null=True, blank=True, help_text="when the person was told where we got their data"
    )
    way_in = models.CharField(max_length=20, choices=WayIn, db_default=WayIn.OTHER, default=WayIn.OTHER)
    way_in_note = models.CharField(max_length=200, blank=True, db_default="", default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    tags = ArrayField(
        models.CharField(max_length=60),
        default=list,
        db_default=models.Value([], output_field=ArrayField(models.CharField(max_length=60))),
        blank=True,
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="contacts")
    custom = models.JSONField(
        default=dict, db_default=models.Value({}, output_field=models.JSONField()), blank=True
    )
    created_at = models.DateTimeField(
        db_default=Now(), help_text="also the first wake-up of the standing (see nurturing's trigger)"
    )
    updated_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["email_key"], name="one_contact_per_address"),
            models.CheckConstraint(
                condition=models.Q(email=None) | ~models.Q(email=""),
                name="contact_without_address_has_null_not_empty",
            ),
            models.CheckConstraint(
                condition=~models.Q(email__regex=r"[\r\n\s]"), name="contact_address_has_no_white_space"
            ),
        ]
        indexes = [
            models.Index(fields=["company"], name="contact_by_company"),
            models.Index(fields=["phone"], name="contact_by_phone", condition=~models.Q(phone="")),
            # read by imports: who can be known by a number alone
            models.Index(
                fields=["phone"],
                name="contact_no_address_by_phone",
                condition=models.Q(email=None) & ~models.Q(phone=""),
            ),
            models.Index(fields=["owner"], name="contact_by_owner", condition=models.Q(owner__isnull=False)),
            # read by the doctor: people not yet told where their data came from
            models.Index(
                fields=["created_at"],
                name="contact_not_informed",
                condition=models.Q(obtained="list", informed_at=None, erased_at=None),
            ),
            # read by segments: two lists in the order of people's ids, laid side by side; a fifth of the one below
            models.Index(
                fields=["country", "id"], name="contact_by_country", condition=models.Q(erased_at=None)
            ),
            # read by segments: what is asked of people most, in the order of their ids, from the index alone (a third of the table)
            models.Index(
                fields=["country", "id"],
                include=[
                    *("language", "recipient", "way_in", "obtained", "owner", "company"),
                    *("created_at", "city", "title"),
                ],
                name="contact_told_apart",
                condition=models.Q(erased_at=None),
            ),
            # read by segments: whom a stop on anna@firma.se is about, too
            models.Index(
                fields=["email_key"],
                name="contact_by_tagged_address",
                condition=models.Q(email_key__contains="+"),
            ),
            # read by segments: the cities there are, one step each
            models.Index(fields=["city"], name="contact_by_city", condition=models.Q(erased_at=None)),
            # read by segments: who must be left out of a count over another table
            models.Index(fields=["id"], name="contact_erased", condition=models.Q(erased_at__isnull=False)),
            GinIndex(fields=["tags"], name="contact_by_tag"),
            # read by the list's filter: the rare ways in; who came by a list is found by walking
            models.Index(
                fields=["way_in"],
                name="contact_by_rare_way_in",
                condition=~models.Q(way_in__in=["list", "other"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/people/{self.pk}/"

    @property
    def name(self) -> str:
        """The name as people say it, or the address, or the phone, so that nobody is blank on screen."""
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.phone or f"#{self.pk}"


class ContactAddress(models.Model):
    """A further address of the same person; mail goes to the contact's own one."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="addresses")
    email = models.CharField(max_length=254)
    email_key = models.GeneratedField(
        expression=Lower("email"), output_field=models.CharField(max_length=254), db_persist=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email_key"], name="one_further_address_once")]

    def __str__(self) -> str:
        return self.email


class ContactSearch(models.Model):
    """One unaccented, lower-case line per contact under one trigram index, kept by database triggers.

    Apart from the contact, so that the wide row and its index are not written when only a name changes, and an import stays fast.
    """

    contact = models.OneToOneField(
        Contact, models.CASCADE, primary_key=True, related_name="search", db_constraint=False
    )
    text = models.TextField()

    class Meta:
        indexes = [GinIndex(fields=["text"], name="contact_search_trigram", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.text


class Objection(models.Model):
    """A person who does not want to be tracked, or not to be scored (GDPR 21)."""

    class Kind(models.TextChoices):
        TRACKING = "tracking", _("no tracking")
        PROFILING = "profiling", _("no temperature")

    COLLEAGUE = "colleague"  # the source of what they said to one of us

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="objections")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "kind"], name="one_objection_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    @property
    def is_their_own(self) -> bool:
        """Whether they said so themselves: then no colleague takes it back."""
        return self.source != self.COLLEAGUE
