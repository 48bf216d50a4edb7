"""Two rows for one person, or one company: the proposal, the merge, and all that is needed to part them again."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact
from contacts.models.suppression import Suppression


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    def open(self) -> "DuplicatePairQuerySet":
        """Nobody has said yet that these are two people."""
        return self.filter(dismissed_at=None)


class DuplicatePair(models.Model):
    """Two contacts that may be one person. Never found by device or network address. "Not the same person" is remembered."""

    class Sign(models.TextChoices):
        """Why we think so."""

        PHONE = "phone", _("same phone")
        NAME_COMPANY = "name_company", _("same name and company")
        ADDRESS = "address", _("the address in another spelling")

    first = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    second = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    signs = ArrayField(models.CharField(max_length=12, choices=Sign))
    safe = models.BooleanField(
        default=False, db_default=False, help_text="nothing that they say contradicts: may be merged in bulk"
    )
    found_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_proposal_per_pair"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="duplicate_pair_in_order"
            ),
        ]
        indexes = [
            # read by the page of proposals, the safe ones first
            models.Index(
                fields=["-safe", "id"], name="duplicate_to_decide", condition=models.Q(dismissed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"

    @property
    def signs_in_words(self) -> str:
        """Why, for a page: "same phone, same name and company"."""
        return ", ".join(str(self.Sign(sign).label) for sign in self.signs)


class MergeRun(models.Model):
    """Many pairs merged in the background: how far it has come."""

    class State(models.TextChoices):
        RUNNING = "running", _("merging")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    pairs = models.JSONField(default=list, help_text="[first id, second id] of each proposal")
    done = models.IntegerField(default=0, help_text="how many of them were looked at")
    merged = models.IntegerField(default=0)
    left = models.IntegerField(default=0, help_text="no longer safe, or no longer there")
    parted = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.merged} of {len(self.pairs)}"


class Merge(models.Model):
    """One contact or company went into another. The dropped row is gone; `image` brings it back as it was.

    Ids without foreign keys: the dropped row is not there. An erasure empties `image`, and then nothing can be parted.
    """

    class Noun(models.TextChoices):
        CONTACT = "contact", _("person")
        COMPANY = "company", _("company")

    noun = models.CharField(max_length=7, choices=Noun, default=Noun.CONTACT)
    kept_id = models.BigIntegerField()
    dropped_id = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    image = models.JSONField(
        default=dict, help_text="see contacts.services.image; empty once it is no longer needed"
    )
    run = models.ForeignKey(MergeRun, models.SET_NULL, null=True, blank=True, related_name="merges")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("merge")
        constraints = [
            models.UniqueConstraint(
                fields=["noun", "dropped_id"],
                condition=models.Q(undone_at=None),
                name="merged_into_one_at_a_time",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["noun", "kept_id"], name="merge_by_kept")]

    def __str__(self) -> str:
        return f"{self.noun} {self.dropped_id} → {self.kept_id}"


class CarriedStop(models.Model):
    """A stop on the kept person's address that is there only because the dropped person had one: parting lifts it.

    Whoever stops the address again by themselves makes the stop their own (services.suppression.stop removes this row).
    """

    suppression = models.OneToOneField(Suppression, models.CASCADE, primary_key=True, related_name="+")
    merge = models.ForeignKey(Merge, models.CASCADE, related_name="stops")

    def __str__(self) -> str:
        return str(self.suppression_id)


class DetailsChange(models.Model):
    """What a colleague changed about a person or a company, with what stood there before: for undo, and emptied by erasure."""

    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="+")
    company_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="details_change_oldest_first")]

    def __str__(self) -> str:
        return ", ".join(self.before)
