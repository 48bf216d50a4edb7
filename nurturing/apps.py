"""The app's name and its place in the start of Django."""

from django.apps import AppConfig
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


class NurturingConfig(AppConfig):
    """Nurturing."""

    name = "nurturing"
    verbose_name = _("Nurturing")

    def ready(self) -> None:
        """Listen to the silo. A new person needs nothing: a trigger of the database makes their standing."""
        from anymail import signals

        from contacts import bulk, hooks, lenses, roles, traces
        from nurturing.models import Standing
        from nurturing.queries import receipts
        from nurturing.services import forgetting, membership, objection
        from nurturing.views import webhooks

        signals.tracking.connect(webhooks.on_tracking, dispatch_uid="nurturing_tracking")
        signals.inbound.connect(webhooks.on_inbound, dispatch_uid="nurturing_inbound")

        bring_in = bulk.Action(
            "enroll",
            _("Bring into a sequence…"),
            reverse_lazy("nurturing:enroll"),
            (roles.MARKETER, roles.SALESPERSON),
            takes_batch=True,
        )
        bulk.register(bring_in)
        states = [(state, Standing.words(state)) for state in Standing.State.values]
        lenses.register(
            lenses.Lens(
                "standing", _("Standing"), states, lambda found, state: found.filter(standing__state=state)
            )
        )
        lenses.hang_up(receipts.degrees_of)
        # an undone import takes people out who were only brought into a sequence
        traces.harmless("nurturing.Enrollment", "nurturing.SetAside")
        # first what it means for temperature and queue, then for the clock
        for hook, listeners in (
            (hooks.changed, (objection.changed, membership.judge_again)),
            (hooks.stopped, (objection.stopped, membership.judge_again)),
            (hooks.erased, (forgetting.erased, objection.erased, membership.erased)),
        ):
            for listener in listeners:
                hook.register(listener)
        hooks.merged.register(forgetting.merged)
        hooks.merged.register(objection.merged)
        hooks.merged.register(membership.merged)
