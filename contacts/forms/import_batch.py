"""Upload a list, correct how it was read, and say what its columns are and on what ground its people may be
written to.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts.forms.choices import COUNTRIES, FIELD_LABELS, GROUNDS
from contacts.models import CustomField, ImportBatch
from contacts.reading import columns, inspection, kinds

ENCODINGS: list[tuple[str, StrOrPromise]] = [
    ("", _("as found")),
    ("utf-8", "UTF-8"),
    ("cp1252", _("Windows (cp1252)")),
    ("latin-1", "Latin-1"),
    ("mac_roman", "Mac Roman"),
    ("cp850", _("DOS (cp850)")),
    ("cp437", _("DOS, American (cp437)")),
    ("utf-16", "UTF-16"),
    ("cp1250", _("Windows, Central Europe (cp1250)")),
    ("iso8859_7", _("Greek (ISO 8859-7)")),
    ("cp1251", _("Windows, Cyrillic (cp1251)")),
]
DELIMITERS: list[tuple[str, StrOrPromise]] = [
    ("", _("as found")),
    (";", _("semicolon ;")),
    (",", _("comma ,")),
    ("tab", _("tab")),
    ("|", _("bar |")),
]
HEADER_LINES = 40
ACCEPT = (
    ".csv,.tsv,.txt,.tab,.xlsx,.xlsm,.xls,.ods,.vcf,.vcard,text/csv,text/plain,text/vcard,"
    "application/vnd.ms-excel,application/vnd.oasis.opendocument.spreadsheet,"
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
NEW = "new:"
# The groups of the long list, in the order in which an office thinks of them.
GROUPS: tuple[tuple[StrOrPromise, tuple[str, ...]], ...] = (
    (
        _("How to reach them"),
        ("email", "email_further", "phone", "mobile", "phone_other"),
    ),
    (_("Who they are"), ("first_name", "middle_name", "last_name", "full_name", "title", "language")),
    (_("Where they work"), ("company", "org_number", "website", "city", "country")),
    (
        _("May we write?"),
        (
            "opt_out",
            "opt_in",
            "mail_status",
            "do_not_call",
            "may_call",
            "ground",
            "recipient",
            "consent_at",
            "consent_ip",
            "consent_wording",
            "consent_source",
            "double_opt_in",
            "optin_at",
            "optin_ip",
        ),
    ),
    (_("More"), ("tags", "note", "external_id", "custom")),
)
POLICIES: list[tuple[str, StrOrPromise]] = [
    ("fill", _("Fill gaps: the list adds what we do not know")),
    ("overwrite", _("The list is right: it replaces what we know, and an empty cell never erases")),
    ("keep", _("Keep what we know: only new people come in as the list says")),
]
CAPITALS: list[tuple[str, StrOrPromise]] = [
    ("write", _("Write them as names")),
    ("keep", _("Keep the capitals")),
    ("look", _("Leave those rows out, for me to correct")),
]
SHORT_POLICIES: list[tuple[str, StrOrPromise]] = [
    ("", _("as for the whole list")),
    ("fill", _("fill if empty")),
    ("overwrite", _("overwrite")),
    ("keep", _("keep ours")),
]
# What these say is added or obeyed, never weighed against what is known.
NO_POLICY = frozenset(
    {
        "", "email", "email_further", "tags", "opt_out", "opt_in", "mail_status", "do_not_call", "may_call", "ground",
        "consent_at", "consent_ip", "consent_wording", "consent_source", "double_opt_in", "optin_at", "optin_ip",
    }
)  # fmt: skip
SUGGESTED_BECAUSE: dict[str, StrOrPromise] = {
    "proof": _("the list has columns that say when they agreed"),
    "customers": _("the list has customer numbers"),
    "roles": _("nearly all of its addresses are like post@ or info@"),
    "private": _("most of its addresses are private ones, and private people must have agreed first"),
    "strict": _("in Denmark and Germany companies, too, must have agreed first or be customers"),
    "norway": _(
        "they are people in companies; in Norway those with a name of their own are kept and not written to"
    ),
    "companies": _("they are people in companies"),
}


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("The list"),
        allow_empty_file=True,  # an empty file gets our own sentence
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )


class ReadForm(forms.Form):
    """For when the letters or the columns came out wrong. Only what the kind of file leaves open is asked."""

    encoding = forms.ChoiceField(label=_("Letters"), choices=ENCODINGS, required=False)
    delimiter = forms.ChoiceField(label=_("Columns are parted by"), choices=DELIMITERS, required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header = forms.ChoiceField(label=_("Names of the columns"), required=False)
    repair = forms.BooleanField(
        label=_("Put the letters back"),
        required=False,
        help_text=_("For text that was encoded twice: “Ã¥” becomes “å”."),
    )

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        chosen = dict(batch.options.get("chosen", {}))
        if chosen.get("delimiter") == "\t":
            chosen["delimiter"] = "tab"
        super().__init__(*args, **{"initial": chosen, **kwargs})
        reading = inspection.Reading(**batch.reading)
        kind = reading.dialect.kind
        is_text = kind in (kinds.TEXT, kinds.ADDRESSES)
        lines: list[tuple[str, StrOrPromise]] = [("", _("as found")), ("none", _("the file has none"))]
        lines += [(str(line), _("line %(line)s") % {"line": line}) for line in range(1, HEADER_LINES + 1)]
        self._offer("header", lines)
        names = [(one["name"], f"{one['name']} ({one['rows']})") for one in reading.sheets]
        self._offer("sheet", [("", _("as found")), *names])
        left_open = {"header"} if kind != kinds.VCARD else set()
        left_open |= (
            {"encoding", "delimiter"}
            if is_text
            else {"encoding"}
            if kind in (kinds.HTML, kinds.VCARD)
            else set()
        )
        left_open |= {"sheet"} if len(reading.sheets) > 1 else set()
        left_open |= {"repair"} if reading.garbled or reading.dialect.repair else set()
        for name in set(self.fields) - left_open:
            del self.fields[name]

    def _offer(self, name: str, choices: Any) -> None:
        field: Any = self.fields[name]
        field.choices = choices

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
            "and not written to unless they agreed or are customers."
        ),
    )
    source = forms.CharField(
        label=_("Who gave us this list?"),
        max_length=160,
        required=False,
        help_text=_(
            "These people must be told, within a month: for example “visitors of our stand at the fair 2026”."
        ),
    )
    known = forms.ChoiceField(
        label=_("When we know something else about a person"),
        choices=POLICIES,
        widget=forms.RadioSelect,
        required=False,
        initial="overwrite",
    )
    country = forms.ChoiceField(
        label=_("Country of phone numbers without one"),
        choices=[("", _("as found")), *COUNTRIES],
        required=False,
    )
    tags = forms.CharField(
        label=_("Tags for everybody in it"), max_length=200, required=False, help_text=_("Parted by commas.")
    )
    capitals = forms.ChoiceField(
        label=_("Names in capitals"),
        choices=CAPITALS,
        required=False,
        widget=forms.Select(attrs={"form": "settle"}),  # asked where the file is shown
        help_text=_("“ANNA LINDSTRÖM” becomes “Anna Lindström”."),
    )

    def __init__(self, *args: Any, batch: ImportBatch, own: list[CustomField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading = inspection.Reading(**batch.reading)
        self.names = [f"column_{at}" for at in range(len(self.reading.fields))]
        self.own = {columns.OWN + one.key: one.name for one in own}
        self.shouted = self.reading.capitals or batch.options.get("notes", {}).get("all_capitals", 0)
        if not (self.shouted or batch.options.get("capitals")):
            del self.fields["capitals"]
        choices = self._choices()
        policy = batch.options.get("policy", {})
        for at, (name, label) in enumerate(zip(self.names, self.reading.labels(), strict=True)):
            chosen = batch.mapping.get(str(at), "")
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=chosen
            )
            self.fields[f"policy_{at}"] = forms.ChoiceField(
                label=_("When we know something else"),
                choices=SHORT_POLICIES,
                required=False,
                initial=policy.get(chosen, ""),
            )

    def _choices(self) -> list[Any]:
        groups: list[Any] = [("", FIELD_LABELS[""])]
        groups += [(label, [(key, FIELD_LABELS[key]) for key in keys]) for label, keys in GROUPS]
        if self.own:
            groups.append((_("Your own fields"), list(self.own.items())))
        made = [
            (f"{NEW}{kind}", _("new field: %(kind)s") % {"kind": label})
            for kind, label in CustomField.Kind.choices
        ]
        return [*groups, (_("A new field of your own, named as the column"), made)]

    @property
    def suggestion(self) -> Mapping[str, StrOrPromise] | None:
        """The ground that the file itself speaks for, in words."""
        words = dict(GROUNDS).get(self.reading.ground)
        because = SUGGESTED_BECAUSE.get(self.reading.ground_because)
        return {"words": words, "because": because} if words and because else None

    def columns(self) -> list[dict[str, Any]]:
        """The columns in which something stands or which are given to a field, each with its choices and examples."""
        return [self._column(at) for at in range(len(self.names)) if not self._is_idle(at)]

    def idle(self) -> list[dict[str, Any]]:
        """The empty columns, which are folded away."""
        return [self._column(at) for at in range(len(self.names)) if self._is_idle(at)]

    def _is_idle(self, at: int) -> bool:
        return at in self.reading.empty and not self[self.names[at]].value()

    def _column(self, at: int) -> dict[str, Any]:
        field = self[self.names[at]]
        policy = self[f"policy_{at}"]
        examples = self.reading.examples[at] if at < len(self.reading.examples) else []
        return {
            "field": field,
            "policy": policy if policy.value() or field.value() not in NO_POLICY else None,
            "hidden_policy": policy,
            "cells": examples,
            "used": bool(field.value()),
        }

    def mapping(self) -> list[str]:
        """The field of each column, in the file's order; "new:date" is a field yet to be made."""
        return [self.cleaned_data[name] for name in self.names]

    def policy(self) -> dict[str, str]:
        """What differs from the rule for the whole list, per field."""
        found = {}
        for at, field in enumerate(self.mapping()):
            said = self.cleaned_data.get(f"policy_{at}", "")
            if said and field not in NO_POLICY and not field.startswith(NEW):
                found[field] = said
        return found

    def clean(self) -> dict[str, Any]:
        """Some column must say how to reach a person; a name or a company stands in one column only."""
        found = super().clean() or {}
        chosen = [found.get(name, "") for name in self.names]
        if not inspection.reachable(chosen):
            self.add_error(None, _("Say which column holds the e-mail address or the phone number."))
        for field in (*columns.SINGLE, *self.own):
            if chosen.count(field) > 1:
                words = _("Two columns are “%(field)s”: choose one.")
                label = FIELD_LABELS.get(field) or self.own.get(field, field)
                self.add_error(self.names[chosen.index(field)], words % {"field": label})
        return found

    def clean_known(self) -> str:
        """Without an answer, as the old command line did it: the list is right."""
        return self.cleaned_data["known"] or "overwrite"

    def clean_tags(self) -> list[str]:
        """The tags one by one."""
        return [tag for part in self.cleaned_data["tags"].split(",") if (tag := part.strip()[:60])]


class CorrectedForm(forms.Form):
    """The corrected rejects, back into the same import."""

    file = forms.FileField(
        label=_("The corrected file"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )
