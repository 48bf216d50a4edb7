"""Find people, and add one."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from contacts import lenses
from contacts.forms.choices import COUNTRIES, GROUNDS, LANGUAGES
from contacts.forms.widgets import PlainSelect
from contacts.models import Contact, LegalGround
from contacts.reading import addresses, naming, phones, reasons, values


class FindForm(forms.Form):
    """The search over the list, and its filters."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("name, address, company or phone"), "type": "search"}),
    )
    ground = forms.ChoiceField(
        label=_("Ground"),
        required=False,
        choices=[("", _("any")), *LegalGround.Ground.choices],
        widget=PlainSelect,
    )
    country = forms.ChoiceField(
        label=_("Country"), required=False, choices=[("", _("any")), *COUNTRIES], widget=PlainSelect
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False, widget=PlainSelect)
    tag = forms.CharField(
        label=_("Tag"), required=False, max_length=60, widget=forms.TextInput(attrs={"list": "known-tags"})
    )
    way_in = forms.ChoiceField(
        label=_("Way in"),
        required=False,
        choices=[("", _("any")), *Contact.WayIn.choices],
        widget=PlainSelect,
    )
    # set by a link from another page; taken away by their mark
    company = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    batch = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    new_in = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    segment = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = get_user_model()._default_manager.filter(is_active=True).order_by("name", "email")
        named = colleagues.values_list("pk", "name", "email")
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", _("any")),
            ("none", _("nobody")),
            *((str(pk), name or email) for pk, name, email in named),
        ]
        for lens in lenses.all_of_them():
            choices = [("", _("any")), *lens.choices]
            self.fields[lens.name] = forms.ChoiceField(
                label=lens.label, required=False, choices=choices, widget=PlainSelect
            )
        orders = [(order.name, order.label) for order in lenses.orders().values()]
        self.fields["sort"] = forms.ChoiceField(
            label=_("Sorted by"),
            required=False,
            choices=[("", _("newest")), *orders, ("name", _("name"))],
            widget=PlainSelect,
        )

    @property
    def lenses(self) -> list[forms.BoundField]:
        """The filters of the rooms above."""
        return [self[lens.name] for lens in lenses.all_of_them()]

    @property
    def more(self) -> list[forms.BoundField]:
        """The filters of this room."""
        return [self[name] for name in ("ground", "country", "owner", "tag", "way_in")]

    @property
    def asks_more(self) -> bool:
        """Whether one of the filters is set, so that they stand open."""
        return any(self.asked[field.name] for field in (*self.lenses, *self.more))

    @property
    def asked(self) -> dict[str, str]:
        """What is asked for, field by field; a choice that does not exist asks for nothing."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) for name in self.fields if name != "sort"}
        return {name: "" if value is None else str(value) for name, value in found.items()}


class AddForm(forms.Form):
    """One person. What stands in a field is read as an import reads it."""

    first_name = forms.CharField(label=_("First name"), max_length=120, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=120, required=False)
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    company = forms.CharField(label=_("Company"), max_length=300, required=False)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES, initial="SE")
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("that of the country")), *LANGUAGES]
    )
    recipient = forms.ChoiceField(
        label=_("Whom we would write to"),
        required=False,
        choices=[("", _("see from the address")), *Contact.Recipient.choices],
    )
    ground = forms.ChoiceField(
        label=_("On what ground we may write"),
        choices=GROUNDS,
        initial="none",
        help_text=_("In Norway a named person must have agreed, or be a customer."),
    )
    ground_source = forms.CharField(
        label=_("How we know"),
        max_length=200,
        required=False,
        help_text=_("For example: said yes on the phone on 12 March; bought in 2025."),
    )
    way_in = forms.ChoiceField(label=_("How they came to us"), choices=Contact.WayIn.choices, initial="other")

    def clean_email(self) -> str:
        """The address in its normal form."""
        return self._read("email", addresses.address)

    def clean(self) -> dict[str, Any]:
        """A way to reach the person, and words behind a ground that needs them."""
        found = super().clean() or {}
        if "phone" in found:
            try:
                found["phone"] = phones.phone(found["phone"], found.get("country") or "SE")
            except values.Problem as problem:
                self.add_error("phone", reasons.words(reasons.join(problem.code, problem.detail)))
        if not self.errors and not found.get("email") and not found.get("phone"):
            self.add_error(None, _("Give an e-mail address or a phone number: one of them is enough."))
        needs_words = found.get("ground") in ("consent", "existing_customer")
        if needs_words and not found.get("ground_source"):
            self.add_error("ground_source", _("Say how we know: it is the proof when somebody asks."))
        for name in ("first_name", "last_name"):
            try:
                found[name] = naming.name(found.get(name, ""), 120, field=str(self.fields[name].label))
            except values.Problem as problem:
                self.add_error(name, reasons.words(reasons.join(problem.code, problem.detail)))
        return found

    def _read(self, name: str, reader: Any) -> str:
        said = self.cleaned_data[name]
        if not said.strip():
            return ""
        try:
            return str(reader(said))
        except values.Problem as problem:
            raise forms.ValidationError(
                reasons.words(reasons.join(problem.code, problem.detail))
            ) from problem
