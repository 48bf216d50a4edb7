"""The companies, and one company's page: all three rooms about its people."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts import clock, roles
from contacts.models import Company, Merge
from contacts.queries import company as companies
from contacts.queries import merge
from silo.queries import company as queries


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """The warmest first, or all of them by name; search goes by the name or the domain."""
    q, after = (
        request.GET.get("q", "")[:200].replace("\x00", ""),
        request.GET.get("after", "")[:300].replace("\x00", ""),
    )
    by_name = bool(q or after or request.GET.get("order") == "name")
    now = clock.now()
    page = companies.page(q=q, after=after) if by_name else companies.Page(queries.warmest(now=now), "")
    follow = urlencode({"q": q, "after": page.after, "order": "name"})
    context = {
        "q": q,
        "lines": queries.lines(page.companies, now=now),
        "next_url": f"?{follow}" if page.after else "",
        "total": companies.how_many(),
        "orders": [
            {"label": _("Warmest"), "url": "?", "count": None, "current": not by_name},
            {"label": _("By name"), "url": "?order=name", "count": None, "current": by_name},
        ],
    }
    return render(request, "silo/company/index.html", context)


@require_safe
@roles.require(*roles.ALL)
def show(request: HttpRequest, company_id: int) -> HttpResponse:
    """Its people, the warmest first."""
    company = Company.objects.filter(pk=company_id).first() if company_id < 2**63 else None
    if company is None:
        kept = merge.kept_for(company_id, Merge.Noun.COMPANY) if company_id < 2**63 else None
        if kept is None:
            raise Http404
        return redirect("company", kept)
    asked = request.GET.get("page", "")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    whole = queries.of(company, page=page, now=clock.now())
    return render(
        request,
        "silo/company/show.html",
        {
            "company": company,
            "whole": whole,
            "next_url": f"?page={whole.next_page}" if whole.next_page else "",
        },
    )
