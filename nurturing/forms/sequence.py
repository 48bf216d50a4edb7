"""What a marketer fills in about a sequence and its steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import LegalGround, Topic
from nurturing.content import compiling, words
from nurturing.models import Sequence, Step
from nurturing.models.mail_version import Level

LANGUAGES = [("sv", _("Swedish")), ("nb", _("Norwegian")), ("en", _("English"))]


class SequenceForm(forms.Form):
    """Name, purpose, when it stops, and who goes first."""

    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(
        label=_("Who is it for"),
        max_length=300,
        required=False,
        help_text=_("One sentence, for colleagues: “Came to the webinar and did not ask for a demo.”"),
    )
    mail_purpose = forms.ChoiceField(
        label=_("What its mails are"),
        choices=LegalGround.Purpose.choices,
        initial=LegalGround.Purpose.MARKETING,
        required=False,
        help_text=_(
            "Nobody gets one without a ground for it. A yes to news is no yes to invitations; information goes to customers."
        ),
    )
    stops_when = forms.MultipleChoiceField(
        label=_("Stops when somebody"),
        choices=Sequence.StopsWhen.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Whoever asks for no more mail is always taken out."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=100,
        initial=50,
        help_text=_("Nobody is in two sequences at once. The higher number goes first, the others wait."),
    )
    waits_at_most_days = forms.IntegerField(
        label=_("Somebody waits for it at most, days"), min_value=1, max_value=730, initial=90
    )

    def clean_mail_purpose(self) -> str:
        """What it was when nothing is said."""
        before = self.initial.get("mail_purpose", LegalGround.Purpose.MARKETING)
        return str(self.cleaned_data["mail_purpose"] or before)

    @classmethod
    def of(cls, sequence: Sequence, data: Any = None) -> "SequenceForm":
        """Filled in with what the sequence says now."""
        return cls(data, initial={name: getattr(sequence, name) for name in cls.base_fields})


class StepForm(forms.Form):
    """One mail of a sequence. Anything may be saved; only publishing is strict."""

    subject = forms.CharField(
        label=_("Subject"), max_length=compiling.LONGEST["subject"], required=False, strip=True
    )
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
    wait = forms.ChoiceField(label=_("Wait"), choices=Step.Wait.choices)
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=730)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.all(), required=False, empty_label=_("none")
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("subject", "preheader"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    @classmethod
    def of(cls, step: Step, data: Any = None) -> "StepForm":
        """Filled in with the step's words."""
        initial = {name: getattr(step, name) for name in cls.base_fields}
        return cls(data, initial=initial | {"language": words.language(step.language)})

    def clean_body(self) -> str:
        """Line ends as we keep them, whatever the browser sends; else every save would be a change."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def words(self) -> dict[str, Any]:
        """What the service takes."""
        cleaned = dict(self.cleaned_data)
        topic = cleaned.pop("topic")
        return cleaned | {"topic_id": topic.pk if topic else None}


class MoveForm(forms.Form):
    """Up or down by one place."""

    by_places = forms.TypedChoiceField(choices=[("-1", "-1"), ("1", "1")], coerce=int)
