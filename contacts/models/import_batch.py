"""A file of people on its way in, and every row of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact
from contacts.models.ground import LegalGround


class ImportBatch(models.Model):
    """One uploaded file, how it was understood, and how far it has come."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        CHECKED = "checked", _("checked, nothing written yet")
        RUNNING = "running", _("coming in")
        PAUSED = "paused", _("paused")
        DONE = "done", _("in the silo")
        FAILED = "failed", _("stopped by an error")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    name = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    reading = models.JSONField(default=dict, help_text="encoding, delimiter, header line, columns")
    mapping = models.JSONField(default=dict, help_text="column number to field name")
    options = models.JSONField(
        default=dict,
        help_text="country, overwrite or fill, source words, tags, sequence to bring people into",
    )
    ground = models.CharField(max_length=20, choices=LegalGround.Ground, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    counts = models.JSONField(default=dict, help_text="verdict to number of rows")
    rows = models.IntegerField(null=True, blank=True, help_text="rows in the file, once they were counted")
    rows_done = models.IntegerField(default=0)
    progress = models.JSONField(
        default=dict,
        blank=True,
        help_text='how far the work in hand is: {"phase", "done", "of", "since", "from"}',
    )
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.name


class ImportCorrection(models.Model):
    """A corrected copy of the rows that could not be used, brought into the same import."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="corrections")
    number = models.IntegerField(help_text="1 for the first corrected file of an import")
    name = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    reading = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    counts = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("correction of an import")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_correction_per_number")]

    def __str__(self) -> str:
        return self.name


class ImportCompany(models.Model):
    """A company that an import made. Undoing the import takes it away again when nobody works there."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="companies_made")
    company_id = models.BigIntegerField(help_text="no foreign key: the company may be merged or removed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "company_id"], name="one_maker_per_company")]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.company_id}"


class ImportRow(models.Model):
    """One row of the file: its raw text, what became of it, and how the person looked before.

    A million of them come in at a time: a foreign key looked up row by row would cost more than the row. Rows are
    written by one statement that has the batch and the contact in hand, and a statement trigger on contacts
    empties `contact` when a person goes.
    """

    class Verdict(models.TextChoices):
        """The first that fits, in this order."""

        INVALID = "invalid", _("cannot be used")
        REVIEW = "review", _("needs a look")
        DUPLICATE = "duplicate", _("again in the same file")
        SUPPRESSED = "suppressed", _("stored, never written to")
        SAME = "same", _("nothing new")
        CHANGED = "changed", _("changed")
        NEW = "new", _("new")

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="import_rows", db_constraint=False, db_index=False
    )
    number = models.IntegerField(help_text="1 for the first row after the header")
    line = models.IntegerField(help_text="line of the file on which the row starts")
    raw = models.JSONField(help_text="the cells as they were; emptied by erasure")
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    before = models.JSONField(
        null=True,
        blank=True,
        help_text="before-image of what this row changed; null when it made the contact",
    )
    after = models.JSONField(
        null=True, blank=True, help_text="what this row wrote, to see later changes by people at undo"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_verdict_per_row")]
        indexes = [
            models.Index(
                fields=["batch", "verdict", "number"],
                name="row_by_rare_verdict",
                condition=~models.Q(verdict__in=["new", "same"]),  # the many are found by their numbers
            ),
            models.Index(
                fields=["contact"], name="row_by_contact", condition=models.Q(contact__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.number} {self.verdict}"
