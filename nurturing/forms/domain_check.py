"""What an admin may tell before a domain is checked."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_SELECTORS = 5
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,98}[a-z0-9])?\Z", re.IGNORECASE)


class DomainCheckForm(forms.Form):
    """The DKIM selectors, when they are known: they cannot be found by asking."""

    selectors = forms.CharField(
        label=_("DKIM selectors"),
        max_length=300,
        required=False,
        help_text=_("What stands before “._domainkey” in the record of your provider; several with commas."),
    )

    def clean_selectors(self) -> list[str]:
        """Each of them, once."""
        said = str(self.cleaned_data["selectors"]).replace(",", " ").split()
        found = list(dict.fromkeys(one.lower().partition("._domainkey")[0] for one in said))
        if len(found) > MOST_SELECTORS or not all(map(_SELECTOR.match, found)):
            raise forms.ValidationError(_("Write up to five selectors, as in “s1, mail”."))
        return found
