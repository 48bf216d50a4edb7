"""A list of people that leaves the silo as a file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """Who took whom out, when, and the file until it is deleted. The row stays: it is the record."""

    class State(models.TextChoices):
        RUNNING = "running", _("being written")
        DONE = "done", _("ready")
        FAILED = "failed", _("stopped by an error")
        DELETED = "deleted", _("deleted")

    class Kind(models.TextChoices):
        EXCEL_CSV = "excel_csv", _("CSV that Excel opens by a double click (semicolons)")
        CSV = "csv", _("CSV with commas")
        XLSX = "xlsx", _("Excel workbook (XLSX)")

    kind = models.CharField(_("kind of file"), max_length=10, choices=Kind, default=Kind.EXCEL_CSV)
    columns = models.JSONField(default=list)
    selection = models.JSONField(default=dict, help_text="see contacts.queries.selection")
    meant = models.TextField(help_text="who was meant, in words")
    language = models.CharField(max_length=5, blank=True, default="", help_text="of the headings and words")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    total = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    file = models.FileField(upload_to="exports/%Y/%m/", max_length=300, blank=True, default="")
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    delete_at = models.DateTimeField()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(fields=["delete_at"], name="export_to_delete", condition=~models.Q(state="deleted"))
        ]

    def __str__(self) -> str:
        return f"{self.meant} ({self.get_kind_display()})"
