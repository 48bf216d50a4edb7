"""What became of one batch in the hand of one worker: read by the page Health, thrown away after a month."""

from django.db import models


class DeliveryRun(models.Model):
    """One batch, written when it is done."""

    at = models.DateTimeField(help_text="when the batch was done")
    worker = models.CharField(max_length=80)
    seconds = models.FloatField()
    claimed = models.IntegerField()
    accepted = models.IntegerField()
    skipped = models.IntegerField()
    failed = models.IntegerField()
    unknown = models.IntegerField()
    later = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="delivery_run_newest_first")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.accepted} of {self.claimed}"
