"""An empty silo: make the first admin, then import a list or look at the demo."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts import clock
from silo.forms.colleague import FirstAdminForm
from silo.models import User
from silo.services import colleague


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Public while there is nobody, gone afterwards. In production the first admin is made on the command line,
    because whoever finds a fresh server first must not own it."""
    if User.objects.exists():
        return redirect("dashboard")
    if settings.PRODUCTION:
        return render(request, "silo/first_run/production.html", status=403)
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = colleague.make_first_admin(**form.cleaned_data, now=clock.now())
        except colleague.NotPossible as error:
            raise Http404(str(error)) from error
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("dashboard")
    return render(request, "silo/first_run/begin.html", {"form": form}, status=422 if form.errors else 200)
