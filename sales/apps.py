"""The app's name and its place in the start of Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesConfig(AppConfig):
    """Sales."""

    name = "sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        from contacts import erasing, hooks, keeping
        from sales.queries import call, opportunity
        from sales.services import contact

        for hook in (hooks.changed, hooks.stopped):
            hook.register(contact.let_go_of_stopped)
        hooks.erased.register(contact.forget)
        hooks.merged.register(contact.merge)
        erasing.register(
            contact.mentions, "sales.Call", "sales.Opportunity", "sales.Purchase", "sales.Referral"
        )
        erasing.holds_nobody("sales.Claim", "sales.Stage", "sales.StageMove")

        from contacts.segments import facts, kinds
        from sales import conditions

        kinds.register(*conditions.all_of_them())
        facts.provide("sales", conditions.load)
        # a call is a sign of life, a deal or a purchase is what the books need
        keeping.spare(call.called_since)
        keeping.spare(opportunity.dealt_with)
        self._give_out()

    def _give_out(self) -> None:
        from contacts import giving_out
        from sales.queries import own_data

        giving_out.register("calls", _("Calls"), own_data.calls, place=62)
        giving_out.register("deals", _("Offers and purchases"), own_data.deals, place=64)
