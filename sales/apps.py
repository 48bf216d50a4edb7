"""The app's name and its place in the start of Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesConfig(AppConfig):
    """Sales."""

    name = "sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        from contacts import hooks
        from sales.services import contact

        for hook in (hooks.changed, hooks.stopped):
            hook.register(contact.let_go_of_stopped)
        hooks.erased.register(contact.forget)
        hooks.merged.register(contact.merge)
