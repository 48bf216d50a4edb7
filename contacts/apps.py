"""The app's name and its place in the start of Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Contacts."""

    name = "contacts"
    verbose_name = _("Contacts")
