"""Change a company, make one of two, and take either back. Its page belongs to the silo: it shows all three rooms."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from contacts.forms.company import CompanyForm
from contacts.models import Company, DetailsChange, Merge
from contacts.places import COUNTRY_NAMES
from contacts.queries import company as queries
from contacts.reading import reasons, values
from contacts.services import company as companies


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def edit(request: HttpRequest, company_id: int) -> HttpResponse:
    """Name, domain, number, place. Two who save at once: the second is told."""
    one = get_object_or_404(Company, pk=company_id)
    if request.method != "POST":
        known = {name: getattr(one, name) for name in companies.FIELDS}
        return _form(request, one, CompanyForm(initial=known | {"seen": companies.seen_of(one)}))
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return _form(request, one, form, status=422)
    said: dict[str, Any] = dict(form.cleaned_data)
    try:
        made = companies.change(
            company_id=one.pk, seen=said.pop("seen"), said=said, by=request.user, now=clock.now()
        )
    except companies.ChangedMeanwhile:
        again = request.POST.copy()
        again["seen"] = companies.seen_of(one)
        form = CompanyForm(again)
        form.add_error(
            None, _("A colleague changed this company meanwhile. Look at your words, then save again.")
        )
        return _form(request, one, form, status=409)
    except companies.SameName as same:
        other = Company.objects.get(pk=same.company_id)
        said_so = _("{} has this name already. <a href='{}'>Are the two one company?</a>")
        form.add_error(
            "name",
            format_html(said_so, other.name, reverse("contacts:merge_companies", args=[other.pk, one.pk])),
        )
        return _form(request, one, form, status=422)
    except (companies.NoName, values.Problem) as refused:
        form.add_error("name" if isinstance(refused, companies.NoName) else None, _words(refused))
        return _form(request, one, form, status=422)
    if made is not None:
        undo = reverse("contacts:undo_company_change", args=[made.pk])
        messages.success(request, _("Saved."), extra_tags=f"undo {undo}")
    return redirect(one)


@require_POST
@roles.require(*roles.ALL)
def undo_change(request: HttpRequest, edit_id: int) -> HttpResponse:
    """Take a change back, unless somebody wrote there since."""
    made = get_object_or_404(DetailsChange, pk=edit_id, company_id__isnull=False)
    try:
        companies.undo_change(change_id=made.pk, by=request.user, now=clock.now())
    except (companies.ChangedMeanwhile, companies.SameName):
        messages.error(request, _("Somebody wrote there since. Nothing was taken back."))
    except DetailsChange.DoesNotExist:
        messages.info(request, _("That was taken back before."))
    except Company.DoesNotExist:
        raise Http404 from None
    else:
        messages.success(request, _("Taken back. It is as it was."))
    return redirect(Company(pk=made.company_id))


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def make_one(request: HttpRequest, company_id: int, other_id: int) -> HttpResponse:
    """Two companies become the first of them."""
    kept, dropped = get_object_or_404(Company, pk=company_id), get_object_or_404(Company, pk=other_id)
    if kept == dropped:
        raise Http404
    if request.method != "POST":
        counted = queries.people_count([kept.pk, dropped.pk])
        lines = [(label, _said(kept, name), _said(dropped, name)) for name, label in _labels()]
        lines.append((_("People"), str(counted.get(kept.pk, 0)), str(counted.get(dropped.pk, 0))))
        return render(
            request, "contacts/companies/merge.html", {"kept": kept, "dropped": dropped, "lines": lines}
        )
    try:
        made = companies.merge(kept_id=kept.pk, dropped_id=dropped.pk, by=request.user, now=clock.now())
    except Company.DoesNotExist:
        raise Http404 from None
    undo = reverse("contacts:undo_company_merge", args=[made.pk])
    said = _("Everybody at %(dropped)s is now at %(kept)s.") % {"dropped": dropped.name, "kept": kept.name}
    messages.success(request, said, extra_tags=f"undo {undo}")
    return redirect(kept)


def _said(one: Company, name: str) -> str:
    said = getattr(one, name)
    return str(COUNTRY_NAMES.get(said, said)) if name == "country" else said


@require_POST
@roles.require(*roles.ALL)
def make_two(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Undo of it."""
    made = get_object_or_404(Merge, pk=merge_id, noun=Merge.Noun.COMPANY)
    try:
        companies.part(merge_id=made.pk, by=request.user, now=clock.now())
    except companies.NothingToUndo:
        messages.info(request, _("There is nothing to undo, or a later merge has to be undone first."))
    except companies.SameName:
        messages.error(request, _("Another company has this name now. Nothing was changed."))
    else:
        messages.success(request, _("They are two companies again."))
    return redirect(Company(pk=made.kept_id))


def _labels() -> list[tuple[str, Any]]:
    return [(name, CompanyForm.base_fields[name].label) for name in companies.FIELDS]


def _words(refused: Exception) -> str:
    if isinstance(refused, values.Problem):
        return reasons.words(reasons.join(refused.code, refused.detail))
    return _("A company needs a name.")


def _form(request: HttpRequest, one: Company, form: CompanyForm, status: int = 200) -> HttpResponse:
    return render(request, "contacts/companies/edit.html", {"company": one, "form": form}, status=status)
