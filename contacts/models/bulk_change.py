"""One change to many people, and what it did to each."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BulkChange(models.Model):
    """What is done to everybody who was meant when a colleague confirmed it. Who was meant is written down: see BulkRow."""

    class State(models.TextChoices):
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("stopped half way")
        FAILED = "failed", _("stopped by an error")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    action = models.CharField(max_length=40, help_text="a name in contacts.bulk")
    params = models.JSONField(default=dict)
    selection = models.JSONField(default=dict, help_text="see contacts.queries.selection")
    meant = models.TextField(help_text="who was meant, in words")
    what = models.CharField(max_length=300, help_text="what is done, in words")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    total = models.IntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="outcome to number of people")
    undo_counts = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    undo_began_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        indexes = [
            models.Index(fields=["-created_at"], name="bulk_change_newest_first"),
            # read once a minute: whose worker died
            models.Index(
                fields=["id"], name="bulk_change_moving", condition=models.Q(state__in=["running", "undoing"])
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_moving(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.UNDOING)

    @property
    def done(self) -> int:
        """How many people it has come past."""
        counts = self.undo_counts if self.state == self.State.UNDOING else self.counts
        return sum(counts.values())

    @property
    def changed(self) -> int:
        """To how many it did something."""
        return int(self.counts.get(BulkRow.Outcome.CHANGED, 0))

    @property
    def to_come_past(self) -> int:
        """Everybody on the way there, and on the way back those to whom something was done."""
        return self.changed if self.state == self.State.UNDOING else self.total


class BulkRow(models.Model):
    """One person who is meant. No foreign key to them: it would cost more than the row, and an erased person's row says nothing."""

    class Outcome(models.TextChoices):
        WAITING = "", _("waits")
        CHANGED = "changed", _("changed")
        SAME = "same", _("was so already")
        REFUSED = "refused", _("left out")
        GONE = "gone", _("no longer in the silo")
        UNDONE = "undone", _("taken back")
        KEPT = "kept", _("kept: changed since")

    pk = models.CompositePrimaryKey("change_id", "contact_id")
    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="rows", db_index=False)
    contact_id = models.BigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="", db_default="")
    before = models.JSONField(
        null=True, blank=True, help_text="ids and figures that the undo needs; no personal data"
    )

    class Meta:
        indexes = [
            # read by the worker, chunk by chunk, and by the result's page
            models.Index(fields=["change", "outcome", "contact_id"], name="bulk_row_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.contact_id} {self.outcome}"
