"""Who else might need us: the people whom somebody named."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from contacts.models import Contact
from contacts.reading import reasons, values
from contacts.services import contact as contacts
from nurturing.views import colleague
from sales.forms.referral import ReferralForm
from sales.models import Referral
from sales.services import referral


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A form for the person whom this contact named; a colleague is guessed when the question was for one."""
    asked = get_object_or_404(Contact.objects.present().select_related("company"), pk=contact_id)
    form = ReferralForm(request.POST or None, initial={"colleague": request.GET.get("colleague") == "1"})
    if request.method == "POST" and form.is_valid():
        try:
            answer = referral.bring(
                asked_id=asked.pk, by=colleague.me(request), now=clock.now(), **form.cleaned_data
            )
        except contacts.NoWayToReach:
            form.add_error(None, _("Give an address or a phone number, so that we can reach them."))
        except contacts.AlreadyHere as known:
            link = Contact(pk=known.contact_id).get_absolute_url()
            form.add_error(
                None, format_html('{} <a href="{}">{}</a>', _("In the silo already:"), link, _("look"))
            )
        except values.Problem as problem:
            form.add_error(None, str(reasons.WORDS.get(problem.code, problem.code)))
        else:
            brought = get_object_or_404(Contact, pk=answer.brought_id)
            words = _(
                "%(name)s is in the silo, recommended by %(asked)s. No mail goes out before they agree."
            )
            messages.success(request, words % {"name": brought.name, "asked": asked.name})
            return redirect(brought.get_absolute_url())
    status = 422 if request.method == "POST" else 200
    return render(request, "sales/referrals/new.html", {"asked": asked, "form": form}, status=status)


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def nobody(request: HttpRequest, referral_id: int) -> HttpResponse:
    """They were asked and named nobody."""
    try:
        answer = referral.nobody(referral_id=referral_id, by=colleague.me(request), now=clock.now())
    except Referral.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Noted: they were asked and named nobody."))
    if answer.purchase_id is None:
        return redirect(reverse("sales:pipeline"))
    return redirect("sales:purchase", answer.purchase_id)
