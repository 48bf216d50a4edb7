"""A rule with a name, and every form that it has had."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SegmentQuerySet(models.QuerySet["Segment"]):
    def in_use(self) -> "SegmentQuerySet":
        """Those that nobody put into the archive."""
        return self.filter(archived_at=None)


class Segment(models.Model):
    """People by a rule (see contacts.segments): who is in it is asked anew each time, never stored."""

    name = models.CharField(_("name"), max_length=120)
    rule = models.JSONField(default=dict, help_text="see contacts.segments.rule")
    revision = models.IntegerField(
        default=1, help_text="grows with each change; an older page is told that it is old"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=models.Q(archived_at=None), name="one_segment_per_name"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="segment_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("contacts:segment", args=[self.pk])


class SegmentVersion(models.Model):
    """A segment as it was after one change: the way back, and the answer to "who was meant then"."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions")
    revision = models.IntegerField()
    name = models.CharField(max_length=120)
    rule: models.JSONField[Any, Any] = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "revision"], name="one_version_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.revision}"
