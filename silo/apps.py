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
            "silo.User", "silo.Invitation", "silo.Instance", "silo.BrokerAbsence"
        )  # our own colleagues, a place, and times of our own machines
        self._write_down_logins()

    def _write_down_logins(self) -> None:
        from django.contrib.auth import signals

        from silo import logins

        signals.user_logged_in.connect(logins.logged_in, dispatch_uid="silo_logged_in")
        signals.user_logged_out.connect(logins.logged_out, dispatch_uid="silo_logged_out")
        signals.user_login_failed.connect(logins.failed, dispatch_uid="silo_login_failed")
