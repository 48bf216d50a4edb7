"""A stop on an address, a phone number or a whole domain."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> "SuppressionQuerySet":
        """Stops that nobody lifted."""
        return self.filter(lifted_at=None)

    def said_once(self) -> "SuppressionQuerySet":
        """Those with one cause only: where that is undone, they go."""
        return self.filter(again_at=None)


class Suppression(models.Model):
    """Nobody is written to (or called) against one of these, whatever else is true.

    Looked up by `address_hash` only, so that a stop survives erasure: then `address` is emptied and the hash stays.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("mail")
        PHONE = "phone", _("phone")
        ALL = "all", _("all channels")

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("asked for no more mail")
        COMPLAINED = "complained", _("reported a mail as spam")
        BOUNCED = "bounced", _("the address does not exist")
        OPTED_OUT_IN_LIST = "opted_out_in_list", _("opted out in the imported list")
        DO_NOT_CALL = "do_not_call", _("does not want calls")
        NOT_INTERESTED = "not_interested", _("said no to all contact")
        LEFT_COMPANY = "left_company", _("has left the company")
        ERASED = "erased", _("was erased")
        BY_HAND = "by_hand", _("stopped by a colleague")

    address = models.CharField(
        max_length=254,
        blank=True,
        default="",
        db_default="",
        help_text="normal form: lower-case address, E.164 phone, or @domain",
    )
    address_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=5, choices=Channel)
    reason = models.CharField(max_length=20, choices=Reason)
    source = models.CharField(max_length=200, help_text="who or what said so, in words")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    batch_id = models.BigIntegerField(
        null=True, blank=True, help_text="the import that alone caused it; undoing the import lifts it"
    )
    again_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when something or somebody else said so, too: no undo lifts it any more",
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lift_reason = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="the documented request of the person whose own stop it was",
    )

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "channel"],
                condition=models.Q(lifted_at=None),
                name="one_stop_per_address_and_channel",
            )
        ]

    def __str__(self) -> str:
        return f"{self.address or self.address_hash[:8]}: {self.get_reason_display()}"

    @property
    def is_their_own(self) -> bool:
        """Whether the person said so, and only they can take it back."""
        return self.reason in THEIR_OWN


# What the person said. Such a stop takes the place of one that came from a list or a colleague, and no undo lifts it.
R = Suppression.Reason
THEIR_OWN = frozenset({R.UNSUBSCRIBED, R.COMPLAINED, R.DO_NOT_CALL, R.NOT_INTERESTED, R.ERASED})
