"""What the planner decided: the one place from which `due` is counted."""

from django.db import models


class TickRun(models.Model):
    """One round of the clock."""

    at = models.DateTimeField(help_text="the `now` of the round")
    due = models.IntegerField(default=0)
    planned = models.IntegerField(default=0)
    handed_on = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    later = models.IntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="tick_run_newest_first")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.planned} planned"


class Decision(models.Model):
    """One mail that became due for one person. Written by the tick beside the send, and compared with the sends by the doctor.

    No foreign key to the send: the equation would prove nothing if the one row could not be there without the other.
    """

    contact_id = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, help_text="step or piece")
    dedupe_key = models.CharField(max_length=120)
    sandbox = models.BooleanField()
    because = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key", "sandbox"], name="one_decision_per_mail")
        ]
        indexes = [
            models.Index(fields=["contact_id", "-at"], name="decision_by_contact"),
            models.Index(fields=["-at"], name="decision_newest_first"),
        ]

    def __str__(self) -> str:
        return self.dedupe_key
