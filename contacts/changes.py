"""What this room does with many people at once: tag, untag, assign, stop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import bulk, roles
from contacts.bulk import Params
from contacts.forms.bulk import OwnerForm, StopForm, TagForm
from contacts.models import Contact, Suppression
from contacts.services import bulk_stop, tagging

HANDS = (roles.MARKETER, roles.SALESPERSON)


def _have_it(people: QuerySet[Contact], params: Params, *, now: datetime) -> Sequence[tuple[str, int]]:
    had = people.filter(tags__contains=[params["tag"]]).order_by().count()
    return [(_("have the tag already and stay as they are"), had)]


def _lack_it(people: QuerySet[Contact], params: Params, *, now: datetime) -> Sequence[tuple[str, int]]:
    had = people.exclude(tags__contains=[params["tag"]]).order_by().count()
    return [(_("do not have the tag and stay as they are"), had)]


def _owned(people: QuerySet[Contact], params: Params, *, now: datetime) -> Sequence[tuple[str, int]]:
    theirs = people.filter(owner_id=params["owner"]).order_by().count()
    others = people.filter(owner__isnull=False).exclude(owner_id=params["owner"]).order_by().count()
    return [
        (_("belong there already and stay as they are"), theirs),
        (_("belong to another colleague now, and change hands"), others),
    ]


def _unreachable(people: QuerySet[Contact], params: Params, *, now: datetime) -> Sequence[tuple[str, int]]:
    without: dict[Suppression.Channel, dict[str, Any]] = {
        Suppression.Channel.MAIL: {"email": None},
        Suppression.Channel.PHONE: {"phone": ""},
        Suppression.Channel.ALL: {"email": None, "phone": ""},
    }
    nothing = without[Suppression.Channel(params["channel"])]
    return [
        (
            _("have no address or number of that kind: there is nothing to stop"),
            people.filter(**nothing).order_by().count(),
        )
    ]


def _stop_words(params: Params) -> str:
    return {
        Suppression.Channel.MAIL: _("Stop all mail"),
        Suppression.Channel.PHONE: _("Stop all calls"),
        Suppression.Channel.ALL: _("Stop all contact"),
    }[Suppression.Channel(params["channel"])]


def _owner_words(params: Params) -> str:
    if params["owner"] is None:
        return _("Take the owner away")
    return _("Assign to %(name)s") % {"name": params["name"]}


CHANGES = (
    bulk.Change(
        "tag",
        gettext_lazy("Tag…"),
        HANDS,
        TagForm,
        lambda params: _("Tag with “%(tag)s”") % params,
        _have_it,
        tagging.tag,
        tagging.undo_tag,
    ),
    bulk.Change(
        "untag",
        gettext_lazy("Untag…"),
        HANDS,
        TagForm,
        lambda params: _("Take the tag “%(tag)s” away") % params,
        _lack_it,
        tagging.untag,
        tagging.undo_untag,
    ),
    bulk.Change(
        "assign",
        gettext_lazy("Assign…"),
        HANDS,
        OwnerForm,
        _owner_words,
        _owned,
        tagging.assign,
        tagging.undo_assign,
    ),
    bulk.Change(
        "stop",
        gettext_lazy("Stop…"),
        (roles.MARKETER,),
        StopForm,
        _stop_words,
        _unreachable,
        bulk_stop.stop,
        bulk_stop.undo,
        note=gettext_lazy(
            "A stop holds for the address or number, also when it comes in again with another list."
        ),
        why={bulk_stop.NO_WAY: gettext_lazy("no address or number of that kind")},
    ),
)
