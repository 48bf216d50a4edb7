"""What a marketer fills in about a piece of the library, and how the library is filtered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Topic
from nurturing.content import compiling, words
from nurturing.forms.sequence import LANGUAGES
from nurturing.models import Piece
from nurturing.models.mail_version import Level


class PieceForm(forms.Form):
    """One evergreen mail. Anything may be saved; only publishing is strict."""

    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("For colleagues; the reader sees the subject.")
    )
    topic = forms.ModelChoiceField(label=_("Topic"), queryset=Topic.objects.all())
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    subject = forms.CharField(label=_("Subject"), max_length=compiling.LONGEST["subject"], required=False)
    preheader = forms.CharField(
        label=_("Preview line"),
        max_length=compiling.LONGEST["preheader"],
        required=False,
        help_text=_("What the inbox shows after the subject."),
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=compiling.LONGEST["body"],
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
    )

    @classmethod
    def of(cls, piece: Piece, data: Any = None) -> "PieceForm":
        """Filled in with the piece's words."""
        initial = {name: getattr(piece, name) for name in cls.base_fields}
        return cls(data, initial=initial | {"language": words.language(piece.language)})

    def clean_body(self) -> str:
        """Line ends as we keep them, whatever the browser sends."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def words(self) -> dict[str, Any]:
        """What the service takes."""
        cleaned = dict(self.cleaned_data)
        return cleaned | {"topic_id": cleaned.pop("topic").pk}


class NewPieceForm(forms.Form):
    """Enough to begin: the rest is written on the piece's own page."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("For colleagues."))
    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.all(), required=False, empty_label=_("none")
    )
    new_topic = forms.CharField(label=_("or a new topic"), max_length=80, required=False)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def clean(self) -> dict[str, Any]:
        """One topic, old or new."""
        cleaned = super().clean() or {}
        if not cleaned.get("topic") and not cleaned.get("new_topic"):
            self.add_error("topic", _("Choose a topic, or write a new one."))
        return cleaned


class LibraryFilterForm(forms.Form):
    """What part of the library to look at."""

    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.all(), required=False, empty_label=_("All topics")
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=[("", _("All levels")), *Level.choices], required=False
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("All languages")), *LANGUAGES], required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("All but retired")),
            ("live", _("Live")),
            ("draft", _("Draft")),
            ("retired", _("Retired")),
        ],
        required=False,
    )
