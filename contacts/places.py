"""Countries and languages by their names, for whoever offers a choice of them."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

COUNTRIES: list[tuple[str, StrOrPromise]] = [
    ("SE", _("Sweden")),
    ("NO", _("Norway")),
    ("DK", _("Denmark")),
    ("FI", _("Finland")),
    ("IS", _("Iceland")),
    ("DE", _("Germany")),
    ("GB", _("United Kingdom")),
    ("NL", _("Netherlands")),
    ("EE", _("Estonia")),
    ("US", _("United States")),
]
LANGUAGES: list[tuple[str, StrOrPromise]] = [
    ("sv", _("Swedish")),
    ("nb", _("Norwegian")),
    ("da", _("Danish")),
    ("fi", _("Finnish")),
    ("en", _("English")),
    ("de", _("German")),
]
COUNTRY_NAMES = dict(COUNTRIES)
LANGUAGE_NAMES = dict(LANGUAGES)
