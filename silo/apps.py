"""The app's name and its place in the start of Django."""

import importlib

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiloConfig(AppConfig):
    """Silo."""

    name = "silo"
    verbose_name = _("Silo")

    def ready(self) -> None:
        """Make the Celery application the current one, so that `.delay()` finds the broker everywhere."""
        from contacts import erasing

        importlib.import_module("silo.celery")
        erasing.holds_nobody(
            "silo.User", "silo.Invitation", "silo.Instance"
        )  # our own colleagues, and a place
