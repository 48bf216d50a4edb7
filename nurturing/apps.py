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

        from contacts import bulk, erasing, hooks, lenses, roles, traces
        from nurturing import changes
        from nurturing.models import Standing
        from nurturing.queries import shown
        from nurturing.services import forgetting, membership, objection, unmaking
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
        lenses.register(lenses.Lens("standing", _("Standing"), states, shown.of_state))
        lenses.register(lenses.Lens("level", _("Reads"), shown.LEVELS, shown.of_level))
        lenses.register_order(
            lenses.Order("warmest", _("warmest"), Standing.objects.all, "heat", "standing__heat")
        )
        for column in shown.COLUMNS:
            lenses.register_column(column)
        for change in changes.CHANGES:
            bulk.register_change(change)
        # an undone import takes people out who were only brought into a sequence
        traces.harmless("nurturing.Enrollment", "nurturing.SetAside")
        # … or who were only going to be written to
        traces.held_by("nurturing.Send", unmaking.written_to)
        hooks.unmade.register(unmaking.unmade)
        # first what it means for temperature and queue, then for the clock
        for hook, listeners in (
            (hooks.changed, (objection.changed, membership.judge_again)),
            (hooks.stopped, (objection.stopped, membership.judge_again)),
            (hooks.erased, (forgetting.erased, objection.erased, membership.erased)),
        ):
            for listener in listeners:
                hook.register(listener)
        hooks.holding.register(forgetting.holding)
        hooks.merging.register(forgetting.merging)
        for model in ("nurturing.Decision", "nurturing.ProviderEvent"):
            hooks.merged.follow(model, "contact_id")
        # what the listeners of `erased` above emptied by the person's id, and what only mentions an address
        erasing.register(
            objection.mentions,
            *("nurturing.Send", "nurturing.SendDetail", "nurturing.SandboxMail", "nurturing.Hit"),
            *("nurturing.EngagementEvent", "nurturing.ProviderEvent", "nurturing.Reply", "nurturing.Handoff"),
            *("nurturing.Pause", "nurturing.Reminder", "nurturing.SetAside", "nurturing.Enrollment"),
            "nurturing.Confirmation",
        )
        # codes and figures, settings, and the words that we write to everybody
        erasing.holds_nobody(
            *("nurturing.Decision", "nurturing.TickRun", "nurturing.Standing", "nurturing.RhythmRule"),
            *("nurturing.RhythmWish", "nurturing.RhythmChange", "nurturing.SalesHold", "nurturing.GoLive"),
            *("nurturing.TemperatureRule", "nurturing.MailVersion", "nurturing.Piece", "nurturing.Sequence"),
            *("nurturing.SequenceVersion", "nurturing.Step", "nurturing.Sender", "nurturing.SendingHold"),
            *("nurturing.JoinForm", "nurturing.DeliveryRun", "nurturing.Gap", "nurturing.Mailbox"),
            *("nurturing.WebhookKey", "nurturing.WebhookRefusal", "nurturing.DomainCheck"),
            *("nurturing.MailHost", "nurturing.SendLimit", "nurturing.WarmUp"),
            *("nurturing.Breaker", "nurturing.ReceiverTrouble"),
        )
        hooks.merged.register(forgetting.merged)
        hooks.merged.register(objection.merged)
        hooks.merged.register(membership.merged)

        from contacts.segments import facts, kinds
        from nurturing import conditions

        kinds.register(*conditions.all_of_them())
        facts.provide("nurturing", conditions.load)
        self._keep_only_for_so_long()
        self._give_out()

    def _give_out(self) -> None:
        from contacts import giving_out, panels
        from nurturing.queries import confirmation, own_data

        panels.register(panels.Panel("nurturing/joining/_ask.html", confirmation.asking_panel))

        giving_out.register("mails", _("Mails from us"), own_data.mails, place=40)
        giving_out.register("signs", _("What you did with them"), own_data.signs, place=50)
        giving_out.register("replies", _("What you wrote to us"), own_data.replies, place=60)
        giving_out.register("score", _("How interested you seem to us"), own_data.score, place=70)
        giving_out.register("agreed", _("What was agreed"), own_data.agreed, place=80)

    def _keep_only_for_so_long(self) -> None:
        from contacts import keeping
        from contacts.models import Erasure
        from contacts.services import retention
        from nurturing.queries import confirmation, life

        keeping.register(
            keeping.Kind(
                "unconfirmed",
                _("Addresses that nobody confirmed"),
                _("Who was put into a form and whose owner never said yes is erased."),
                retention.People(confirmation.never_confirmed, why=Erasure.Why.UNCONFIRMED),
                days=30,
                least=8,
                chunk=200,
                erases_people=True,
            )
        )
        keeping.register(
            keeping.Kind(
                "no_sign_of_life",
                _("People without a sign of life and without a ground"),
                _(
                    "People to whom we may not write, and who did nothing for that long: no click, no answer, no call,"
                    " no deal. They are erased."
                ),
                retention.People(life.gone_quiet),
                days=730,
                least=90,
                chunk=200,
                erases_people=True,
            )
        )
        keeping.spare(life.held_by_sales)
