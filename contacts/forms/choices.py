"""Choices that several forms share."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts.places import COUNTRIES as COUNTRIES
from contacts.places import LANGUAGES as LANGUAGES

GROUNDS: list[tuple[str, StrOrPromise]] = [
    ("consent", _("They agreed to get mail from us")),
    ("existing_customer", _("They are customers, and we write about similar goods")),
    ("role_address", _("They are addresses of companies, like post@ or info@")),
    ("legitimate_interest", _("We have a legitimate interest: people in a company role")),
    ("none", _("None: store them, and never write")),
]
FIELD_LABELS: dict[str, StrOrPromise] = {
    "": _("leave out"),
    "email": _("e-mail"),
    "email_further": _("further e-mail"),
    "first_name": _("first name"),
    "middle_name": _("middle name"),
    "last_name": _("last name"),
    "full_name": _("whole name"),
    "company": _("company"),
    "org_number": _("organisation number"),
    "title": _("title"),
    "phone": _("phone"),
    "mobile": _("mobile phone"),
    "phone_other": _("further phone"),
    "city": _("city"),
    "country": _("country"),
    "language": _("language"),
    "website": _("web site"),
    "tags": _("tags"),
    "note": _("note"),
    "external_id": _("number in another system"),
    "recipient": _("recipient type"),
    "ground": _("legal ground"),
    "consent_at": _("when they agreed"),
    "optin_at": _("when they signed up"),
    "consent_ip": _("network address at consent"),
    "optin_ip": _("network address at sign-up"),
    "consent_wording": _("what they agreed to"),
    "consent_source": _("where they agreed"),
    "double_opt_in": _("confirmed sign-up"),
    "opt_out": _("STOP: yes means no mail"),
    "opt_in": _("mail allowed: no means no mail"),
    "mail_status": _("mail status (bounced, unsubscribed…)"),
    "do_not_call": _("STOP: yes means no calls"),
    "may_call": _("calls allowed: no means no calls"),
    "custom": _("keep under its own name"),
}
