"""What somebody bought, and the question who else might need us."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import roles
from sales.forms.referral import ReferralForm
from sales.models import Purchase, Referral


@roles.require(roles.SALESPERSON, roles.MARKETER, roles.ADMIN)
@require_safe
def show(request: HttpRequest, purchase_id: int) -> HttpResponse:
    purchase = (
        Purchase.objects.select_related("contact__company", "opportunity", "call")
        .filter(pk=purchase_id)
        .first()
    )
    if purchase is None:
        raise Http404
    referrals = Referral.objects.filter(asked_id=purchase.contact_id).select_related("brought", "by")
    context = {
        "purchase": purchase,
        "contact": purchase.contact,
        "referrals": referrals.order_by("-asked_at", "-pk"),
        "question": referrals.filter(answered_at=None).order_by("asked_at", "pk").first(),
        "form": ReferralForm(),
        "may_act": roles.has(request.user, roles.SALESPERSON),
    }
    return render(request, "sales/purchases/show.html", context)
