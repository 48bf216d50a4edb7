"""Upload a list, correct how it was read, and say what its columns are and on what ground its people may be
written to.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.choices import COUNTRIES, FIELD_LABELS, GROUNDS
from contacts.models import ImportBatch
from contacts.reading import columns, inspection

ENCODINGS = [
    ("", _("as found")),
    ("utf-8", "UTF-8"),
    ("cp1252", _("Windows (cp1252)")),
    ("mac_roman", "Mac Roman"),
    ("cp850", "DOS (cp850)"),
    ("utf-16", "UTF-16"),
]
DELIMITERS = [("", _("as found")), (";", ";"), (",", ","), ("tab", _("tab")), ("|", "|")]


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("The list"),
        allow_empty_file=True,  # an empty file gets our own sentence
        help_text=_("CSV, TSV or TXT, as Excel, a CRM or a mail program saves it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.tab,text/csv,text/plain"}),
    )


class ReadForm(forms.Form):
    """For when the letters or the columns came out wrong."""

    encoding = forms.ChoiceField(label=_("Letters"), choices=ENCODINGS, required=False)
    delimiter = forms.ChoiceField(label=_("Columns are parted by"), choices=DELIMITERS, required=False)

    def clean_delimiter(self) -> str:
        """The sign itself."""
        found: str = self.cleaned_data["delimiter"]
        return "\t" if found == "tab" else found


class SettleForm(forms.Form):
    """One choice per column, and what holds for the whole file."""

    ground = forms.ChoiceField(
        label=_("On what ground may we write to these people?"),
        choices=GROUNDS,
        widget=forms.RadioSelect,
        help_text=_(
            "A column of the file may say otherwise for a row. Named people in Norway are kept "
            "and not written to"
            " unless they agreed or are customers."
        ),
    )
    source = forms.CharField(
        label=_("Where the list comes from"),
        max_length=160,
        required=False,
        help_text=_(
            "These people must be told, within a month: for example “visitors of our stand at the fair 2026”."
        ),
    )
    country = forms.ChoiceField(
        label=_("Country of phone numbers without one"),
        choices=[("", _("as found")), *COUNTRIES],
        required=False,
    )
    tags = forms.CharField(
        label=_("Tags for everybody in it"), max_length=200, required=False, help_text=_("Parted by commas.")
    )
    fill_only = forms.BooleanField(
        label=_("Fill gaps only: never overwrite what we know already"), required=False
    )

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading = inspection.Reading(**batch.reading)
        self.names = [f"column_{at}" for at in range(len(self.reading.fields))]
        for at, (name, label) in enumerate(zip(self.names, self.reading.labels(), strict=True)):
            chosen = batch.mapping.get(str(at), "")
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[(key, FIELD_LABELS[key]) for key in ("", *columns.FIELDS)], required=False,
                initial=chosen,
            )  # fmt: skip

    def columns(self) -> list[dict[str, Any]]:
        """Each column with its choice and a few of its cells."""
        found = []
        for at, name in enumerate(self.names):
            cells = [row[at] for row in self.reading.rows if at < len(row) and row[at].strip()]
            found.append({"field": self[name], "cells": cells[:3]})
        return found

    def mapping(self) -> list[str]:
        """The field of each column, in the file's order."""
        return [self.cleaned_data[name] for name in self.names]

    def clean(self) -> dict[str, Any]:
        """Some column must say how to reach a person; a name or a company stands in one column only."""
        found = super().clean() or {}
        chosen = [found.get(name, "") for name in self.names]
        if not inspection.reachable(chosen):
            self.add_error(None, _("Say which column holds the e-mail address or the phone number."))
        for field in columns.SINGLE:
            if chosen.count(field) > 1:
                words = _("Two columns are “%(field)s”: choose one.") % {"field": FIELD_LABELS[field]}
                self.add_error(self.names[chosen.index(field)], words)
        return found

    def clean_tags(self) -> list[str]:
        """The tags one by one."""
        return [tag for part in self.cleaned_data["tags"].split(",") if (tag := part.strip()[:60])]
