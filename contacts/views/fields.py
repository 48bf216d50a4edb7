"""Change one thing about somebody where it stands; without JavaScript each form is a page of its own."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from contacts.forms.field import FieldForm
from contacts.models import Contact, DetailsChange
from contacts.reading import reasons, values
from contacts.reading.custom_values import NotThat
from contacts.services import contact as contacts
from contacts.services import field


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def edit(request: HttpRequest, contact_id: int, name: str) -> HttpResponse:
    """One field. Who writes over a colleague's newer word is shown it, and saves again or not."""
    one = _person(contact_id)
    try:
        form = FieldForm(one, name, request.POST if request.method == "POST" else None)
    except field.NoSuchField:
        raise Http404 from None
    if request.method != "POST":
        return _form(request, one, name, form)
    if not form.is_valid():
        return _form(request, one, name, form, status=422)
    try:
        made = field.change(
            contact_id=one.pk,
            name=name,
            said=form.said,
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=clock.now(),
        )
    except field.ChangedMeanwhile as other:
        return _second(request, one, name, form, other)
    except (contacts.AlreadyHere, contacts.NoWayToReach, values.Problem, NotThat) as refused:
        form.add_error("value", words(refused))
        return _form(request, one, name, form, status=422)
    return _back(request, one, made)


@require_POST
@roles.require(*roles.ALL)
def tags(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Add a tag, or take one away."""
    one, now = _person(contact_id), clock.now()
    try:
        if "remove" in request.POST:
            made = field.untag(contact_id=one.pk, said=request.POST["remove"], by=request.user, now=now)
        else:
            made = field.tag(contact_id=one.pk, said=request.POST.get("add", ""), by=request.user, now=now)
    except field.NoSuchTag:
        messages.error(request, _("A tag has between 1 and %(most)s letters.") % {"most": field.LONGEST_TAG})
        return redirect(one.get_absolute_url())
    return _back(request, one, made)


@require_POST
@roles.require(*roles.ALL)
def addresses(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Add a further address, take one away, or let mail go to it from now on."""
    one = _person(contact_id)
    acts = {"add": field.add_address, "remove": field.remove_address, "main": field.make_main}
    asked = next((name for name in acts if name in request.POST), "add")
    try:
        made = acts[asked](
            contact_id=one.pk, said=request.POST.get(asked, ""), by=request.user, now=clock.now()
        )
    except field.NotTheirs:
        messages.error(request, _("This address is not among theirs any more."))
    except (contacts.AlreadyHere, contacts.NoWayToReach, values.Problem) as refused:
        messages.error(request, words(refused))
    else:
        return _back(request, one, made)
    return redirect(one.get_absolute_url())


@require_POST
@roles.require(*roles.ALL)
def undo(request: HttpRequest, edit_id: int) -> HttpResponse:
    """Take one change back, unless somebody wrote there since."""
    made = get_object_or_404(DetailsChange, pk=edit_id, contact__erased_at=None)
    one = get_object_or_404(Contact, pk=made.contact_id)
    try:
        field.undo(change_id=made.pk, by=request.user, now=clock.now())
    except field.ChangedMeanwhile:
        messages.error(request, _("Somebody wrote there since. Nothing was taken back."))
    except DetailsChange.DoesNotExist:
        messages.info(request, _("That was taken back before, or is older than thirty days."))
    except (contacts.AlreadyHere, contacts.NoWayToReach, values.Problem) as refused:
        messages.error(request, words(refused))
    else:
        messages.success(request, _("Taken back. It is as it was."))
    return redirect(one.get_absolute_url())


def say_anew(one: Contact) -> str:
    """What happened to a ground that was given for another address, and where to store one for this address."""
    said = _(
        "Saved. The ground was given for the address before, so nothing is written to the new one."
        " If they said it for this address, too, <a href='{}'>store it anew</a>."
    )
    return format_html(said, reverse("contacts:grounds", args=[one.pk]))


def words(refused: Exception) -> str:
    """A refusal as a sentence; somebody who has the address already is linked."""
    if isinstance(refused, contacts.AlreadyHere):
        other = Contact.objects.get(pk=refused.contact_id)
        said = _("{} has this address already: <a href='{}'>open the page</a>.")
        return format_html(said, other.name, other.get_absolute_url())
    if isinstance(refused, contacts.NoWayToReach):
        return _("Then there would be no way to reach them. Keep an e-mail address or a phone number.")
    if isinstance(refused, NotThat):
        return refused.words
    if isinstance(refused, values.Problem):
        return reasons.words(reasons.join(refused.code, refused.detail))
    raise refused


def _second(
    request: HttpRequest, one: Contact, name: str, form: FieldForm, other: field.ChangedMeanwhile
) -> HttpResponse:
    """Both words are on screen: the colleague's in the sentence, one's own in the field. Saving again is meant."""
    again = request.POST.copy()
    again["seen"] = other.theirs
    fresh = FieldForm(one, name, again)
    theirs = _shown(fresh, other.theirs)
    fresh.add_error("value", _("A colleague wrote “%(theirs)s” here meanwhile.") % {"theirs": theirs})
    return _form(request, one, name, fresh, status=409)


def _shown(form: FieldForm, theirs: str) -> str:
    control = form.fields["value"]
    if isinstance(control, forms.ModelMultipleChoiceField) and control.queryset is not None:
        return ", ".join(
            str(row) for row in control.queryset.filter(pk__in=theirs.split(",") if theirs else [])
        )
    if isinstance(control, forms.ModelChoiceField) and control.queryset is not None:
        return str(control.queryset.filter(pk=theirs or None).first() or "–")
    if isinstance(control, forms.ChoiceField):
        labels = {str(one): label for one, label in control.widget.choices}
        return str(labels.get(theirs, theirs or "–"))
    return theirs or "–"


def _back(request: HttpRequest, one: Contact, made: DetailsChange | None) -> HttpResponse:
    if made is not None:
        undo_path = reverse("contacts:undo_edit", args=[made.pk])
        said = say_anew(one) if field.dropped_grounds(made) else _("Saved.")
        messages.success(request, said, extra_tags=f"undo {undo_path}")
    return redirect(one.get_absolute_url())


def _form(request: HttpRequest, one: Contact, name: str, form: FieldForm, status: int = 200) -> HttpResponse:
    template = (
        "contacts/people/_field.html" if request.headers.get("HX-Request") else "contacts/people/field.html"
    )
    context = {"contact": one, "name": name, "place": name.replace(":", "-"), "form": form}
    return render(request, template, context, status=status)


def _person(contact_id: int) -> Contact:
    return get_object_or_404(Contact.objects.present().select_related("company"), pk=contact_id)
