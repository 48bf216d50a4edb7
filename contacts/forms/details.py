"""Change what we know about somebody."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from contacts.forms.contact import AddForm
from contacts.models import Contact, Topic

LONGEST_TAG = 60


class DetailsForm(AddForm):
    """The fields of a new person, and those that come with time. `seen` is the state the colleague looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    way_in_note = forms.CharField(label=_("Who or where, in words"), max_length=200, required=False)
    owner = forms.ModelChoiceField(
        label=_("Salesperson"),
        queryset=get_user_model().objects.none(),
        required=False,
        empty_label=_("nobody in particular"),
    )
    tags = forms.CharField(
        label=_("Tags"), max_length=1000, required=False, help_text=_("With commas between them.")
    )
    topics = forms.ModelMultipleChoiceField(
        label=_("Cares about"),
        queryset=Topic.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = (
        "first_name",
        "last_name",
        "email",
        "phone",
        "company",
        "title",
        "city",
        "country",
        "language",
        "recipient",
        "ground",
        "ground_source",
        "owner",
        "tags",
        "topics",
        "way_in",
        "way_in_note",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = get_user_model().objects.filter(is_active=True).order_by("name", "email")
        self.fields["owner"].queryset = colleagues  # type: ignore[attr-defined]

    def clean_tags(self) -> list[str]:
        """Words between commas, each once, in the order in which they were written."""
        words = [" ".join(tag.split()) for tag in self.cleaned_data["tags"].split(",")]
        if any(len(word) > LONGEST_TAG for word in words):
            raise forms.ValidationError(_("A tag has at most %(most)s letters.") % {"most": LONGEST_TAG})
        return list(dict.fromkeys(word for word in words if word))


def known(contact: Contact, *, ground: str, ground_source: str) -> dict[str, Any]:
    """What the form shows first."""
    names = (
        "first_name",
        "last_name",
        "title",
        "city",
        "country",
        "language",
        "recipient",
        "way_in",
        "way_in_note",
    )
    return {name: getattr(contact, name) for name in names} | {
        "seen": contact.updated_at.isoformat(),
        "email": contact.email or "",
        "phone": contact.phone,
        "company": contact.company.name if contact.company else "",
        "owner": contact.owner_id,
        "tags": ", ".join(contact.tags),
        "topics": list(contact.topics.values_list("pk", flat=True)),
        "ground": ground,
        "ground_source": ground_source,
    }
