"""What a colleague agrees with somebody, from the contact's page: silence, a date, a rhythm, out of a sequence."""

from datetime import datetime

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts import clock, roles, spoken
from contacts.models import Contact
from nurturing.forms.agreed import PauseForm, ReminderForm, RhythmForm
from nurturing.models import Enrollment, Reminder
from nurturing.services import enrollment, pause, reminder, rhythm


@roles.require(*roles.ALL)
@require_POST
def pause_start(request: HttpRequest, contact_id: int) -> HttpResponse:
    """No mail until a day."""
    contact, now = _person(contact_id), clock.now()
    form = PauseForm(request.POST, now=now)
    if not form.is_valid():
        return _refuse(request, contact, form)
    made = pause.start(
        contact_id=contact.pk,
        until=form.moment,
        because=form.cleaned_data["because"],
        by=request.user,
        now=now,
    )
    said = _("No mail to %(name)s until %(day)s.") % {"name": contact, "day": _day(made.until, now)}
    return _back(request, contact, said, undo=reverse("nurturing:resume", args=[contact.pk]))


@roles.require(*roles.ALL)
@require_POST
def pause_end(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The silence ends now."""
    contact = _person(contact_id)
    ended = pause.end(contact_id=contact.pk, now=clock.now())
    if ended is None:
        return _back(request, contact, _("%(name)s was not paused.") % {"name": contact})
    undo = reverse("nurturing:pause_again", args=[contact.pk, ended.pk])
    return _back(
        request, contact, _("The silence is over: mails to %(name)s go on.") % {"name": contact}, undo=undo
    )


@roles.require(*roles.ALL)
@require_POST
def pause_again(request: HttpRequest, contact_id: int, pause_id: int) -> HttpResponse:
    """Take back that a silence ended."""
    contact, now = _person(contact_id), clock.now()
    again = pause.again(contact_id=contact.pk, pause_id=pause_id, by=request.user, now=now)
    if again is None:
        return _back(request, contact, _("That silence would be over by now."))
    said = _("No mail to %(name)s until %(day)s.") % {"name": contact, "day": _day(again.until, now)}
    return _back(request, contact, said)


@roles.require(*roles.ALL)
@require_POST
def remind(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Into the queue on a day, with a note."""
    contact, now = _person(contact_id), clock.now()
    form = ReminderForm(request.POST, now=now)
    if not form.is_valid():
        return _refuse(request, contact, form)
    made = reminder.remind(
        contact_id=contact.pk,
        at=form.moment,
        kind=Reminder.Kind.RIPE,
        because=form.cleaned_data["because"],
        by=request.user,
        now=now,
    )
    said = _("%(name)s comes into the queue on %(day)s.") % {"name": contact, "day": _day(made.at, now)}
    return _back(request, contact, said, undo=reverse("nurturing:forget", args=[contact.pk, made.pk]))


@roles.require(*roles.ALL)
@require_POST
def forget(request: HttpRequest, contact_id: int, reminder_id: int) -> HttpResponse:
    """Take a date back before it has come."""
    contact = _person(contact_id)
    get_object_or_404(Reminder, pk=reminder_id, contact=contact)
    forgotten = reminder.take_back(reminder_id=reminder_id, now=clock.now())
    said = _("The date is taken back.") if forgotten else _("That date has come already.")
    return _back(request, contact, said)


@roles.require(*roles.ALL)
@require_POST
def rhythm_set(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Move somebody's interval by hand."""
    contact, form = _person(contact_id), RhythmForm(request.POST)
    if not form.is_valid():
        return _refuse(request, contact, form)
    try:
        days = form.cleaned_data["days"]
        rhythm.set_by_hand(contact_id=contact.pk, days=days, by=request.user, now=clock.now())
    except rhythm.OutOfBounds as outside:
        messages.error(request, str(outside))
        return HttpResponseRedirect(contact.get_absolute_url())
    said = ngettext(
        "%(name)s gets a mail every day or so.",
        "%(name)s gets a mail about every %(days)d days.",
        round(days),
    ) % {"name": contact, "days": round(days)}
    return _back(request, contact, said, undo=reverse("nurturing:rhythm_back", args=[contact.pk]))


@roles.require(*roles.ALL)
@require_POST
def rhythm_back(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Take the last change by hand back."""
    contact = _person(contact_id)
    days = rhythm.undo_by_hand(contact_id=contact.pk, by=request.user, now=clock.now())
    if days is None:
        return _back(request, contact, _("There is no change by hand to take back."))
    said = _("%(name)s gets a mail about every %(days)d days, as before.") % {
        "name": contact,
        "days": round(days),
    }
    return _back(request, contact, said)


@roles.require(*roles.ALL)
@require_POST
def leave_sequence(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Out of the sequence they are in, back to the library."""
    contact = _person(contact_id)
    running = Enrollment.objects.active().filter(contact=contact).select_related("sequence").first()
    if running is None:
        return _back(request, contact, _("%(name)s is in no sequence.") % {"name": contact})
    enrollment.stop(
        contact_ids=[contact.pk],
        sequence_id=running.sequence_id,
        reason=Enrollment.EndReason.BY_HAND,
        now=clock.now(),
    )
    said = _("%(name)s left “%(sequence)s”. The library goes on at their own rhythm.") % {
        "name": contact,
        "sequence": running.sequence,
    }
    undo = reverse("nurturing:return_to_sequence", args=[contact.pk, running.pk])
    return _back(request, contact, said, undo=undo)


@roles.require(*roles.ALL)
@require_POST
def return_to_sequence(request: HttpRequest, contact_id: int, enrollment_id: int) -> HttpResponse:
    """Take back that somebody left a sequence."""
    contact = _person(contact_id)
    get_object_or_404(Enrollment, pk=enrollment_id, contact=contact)
    again = enrollment.resume(enrollment_ids=[enrollment_id], now=clock.now())
    said = _("%(name)s goes on in the sequence.") if again else _("%(name)s is in it already.")
    return _back(request, contact, said % {"name": contact})


def _person(contact_id: int) -> Contact:
    return get_object_or_404(Contact.objects.present(), pk=contact_id)


def _day(moment: datetime, now: datetime) -> str:
    return spoken.long_day(moment, now=now)


def _back(request: HttpRequest, contact: Contact, said: str, *, undo: str = "") -> HttpResponse:
    messages.success(request, said, extra_tags=f"undo {undo}" if undo else "")
    return HttpResponseRedirect(contact.get_absolute_url())


def _refuse(request: HttpRequest, contact: Contact, form: Form) -> HttpResponse:
    """Back to the page with every reason in words; nothing was changed."""
    for name, reasons in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}: {' '.join(map(str, reasons))}")
    return HttpResponseRedirect(contact.get_absolute_url())
