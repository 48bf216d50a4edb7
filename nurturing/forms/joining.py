"""The public form by which somebody comes in, the page of rights, and the form that makes such forms."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.choices import LANGUAGES
from contacts.models import Topic
from nurturing.models import Confirmation, JoinForm, Sender, Sequence
from nurturing.services import joining

RHYTHMS = [
    ("", _("as it comes, at a calm rhythm")),
    ("30", _("once a month at most")),
    ("91", _("once a quarter at most")),
]


class WishForm(forms.Form):
    """What a stranger fills in. `website` is a trap: people do not see it."""

    email = forms.CharField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )  # fmt: skip
    last_name = forms.CharField(
        label=_("Last name"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )  # fmt: skip
    company = forms.CharField(
        label=_("Company"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )  # fmt: skip
    topics = forms.ModelMultipleChoiceField(
        label=_("What about?"),
        queryset=Topic.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rhythm = forms.ChoiceField(label=_("How often?"), choices=RHYTHMS, required=False)
    agrees = forms.BooleanField(error_messages={"required": _("Without your yes we cannot write to you.")})
    invitations = forms.BooleanField(required=False)
    website = forms.CharField(
        label=_("Leave this empty"), required=False, max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )  # fmt: skip

    def __init__(self, join_form: JoinForm, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = cast("forms.ModelMultipleChoiceField[Topic]", self.fields["topics"])
        topics.queryset = join_form.topics.order_by("name")
        self.fields["agrees"].label = join_form.wording
        self.fields["invitations"].label = join_form.invitation_wording
        if not topics.queryset.exists():
            del self.fields["topics"]
        if not join_form.asks_rhythm:
            del self.fields["rhythm"]
        if not join_form.invitation_wording:
            del self.fields["invitations"]

    @property
    def is_a_machine(self) -> bool:
        """Whether the trap was filled in."""
        return bool(self.cleaned_data.get("website"))

    def wish(self) -> joining.Wish:
        """The valid form as a wish."""
        said = self.cleaned_data
        return joining.Wish(
            email=said["email"],
            first_name=said["first_name"],
            last_name=said["last_name"],
            company=said["company"],
            topic_ids=tuple(topic.pk for topic in said.get("topics", ())),
            rhythm_days=float(said["rhythm"]) if said.get("rhythm") else None,
            invitations=bool(said.get("invitations")),
        )


class RightsForm(forms.Form):
    """Somebody asks what we have, or to be erased."""

    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    kind = forms.ChoiceField(
        label=_("What you want"),
        choices=[
            (Confirmation.Kind.EXPORT.value, _("See everything that is stored about me")),
            (Confirmation.Kind.ERASE.value, _("Erase everything about me")),
        ],
        widget=forms.RadioSelect,
        initial=Confirmation.Kind.EXPORT.value,
    )
    website = forms.CharField(
        label=_("Leave this empty"), required=False, max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )  # fmt: skip


class JoinFormForm(forms.ModelForm[JoinForm]):
    """A colleague writes a form. No box is ever ticked beforehand."""

    class Meta:
        model = JoinForm
        fields = (
            "name", "language", "heading", "intro", "wording", "invitation_wording", "topics", "asks_rhythm",
            "sequence", "sender", "thanks",
        )  # fmt: skip
        widgets = {
            "language": forms.Select(choices=[one for one in LANGUAGES if one[0] in ("sv", "nb", "en")]),
            "intro": forms.Textarea(attrs={"rows": 3}),
            "wording": forms.Textarea(attrs={"rows": 3}),
            "invitation_wording": forms.Textarea(attrs={"rows": 2}),
            "thanks": forms.Textarea(attrs={"rows": 2}),
            "topics": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "name": _("Shown to colleagues only."),
            "wording": _(
                "Stands beside the box that they tick: who writes, what about, how often, and that it can be stopped."
            ),
            "invitation_wording": _("A box of its own; empty: it is not asked."),
            "sequence": _("Begins when they said yes by the link in the mail."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sequence = cast("forms.ModelChoiceField[Sequence]", self.fields["sequence"])
        sequence.queryset = Sequence.objects.filter(archived_at=None).order_by("name")
        sequence.empty_label = _("none")
        sender = cast("forms.ModelChoiceField[Sender]", self.fields["sender"])
        sender.empty_label = _("By the language of the form")
