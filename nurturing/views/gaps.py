"""What is late after the machine was off: a person decides."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts import clock, roles
from nurturing.forms.gap import AnswerForm
from nurturing.models import Gap
from nurturing.queries import gap as queries
from nurturing.services import gap
from nurturing.views.colleague import me


@require_safe
@roles.require(roles.MARKETER, roles.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """The question, and what each answer means in numbers; or what was answered last."""
    now, newest = clock.now(), queries.newest()
    context: dict[str, object] = {"gap": newest, "longest": gap.LONGEST}
    if newest is not None and newest.is_open:
        form = AnswerForm(initial={"gap": newest.pk, "until": newest.until.isoformat(), "days": 3})
        context |= {
            "form": form,
            "late": queries.late(until=newest.until, now=now),
            "useful_days": round(queries.useful_time().total_seconds() / 86_400),
            "question": queries.sentence(newest, now=now),
        }
    elif newest is not None:
        context["answered"] = queries.answer_words(newest, now=now)
    return render(request, "nurturing/gaps/show.html", context)


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def answer(request: HttpRequest) -> HttpResponse:
    """One of the three buttons."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the three answers; to spread takes a number of days."))
        return redirect("nurturing:late")
    said, now = form.cleaned_data, clock.now()
    try:
        done = gap.answer(
            gap_id=said["gap"],
            until=said["until"],
            answer=said["answer"],
            days=said["days"],
            by=me(request),
            now=now,
        )
    except gap.AlreadyAnswered as error:
        messages.warning(request, queries.answer_words(error.gap, now=now))
    except gap.NoDays:
        messages.error(request, _("Say over how many days: from 1 to %(most)s.") % {"most": gap.LONGEST})
    except (gap.Changed, Gap.DoesNotExist):
        messages.warning(request, _("The machine was off again meanwhile: look at the question once more."))
    else:
        messages.success(request, _words(done))
    return redirect("nurturing:late")


def _words(done: Gap) -> str:
    match done.answer:
        case Gap.Answer.SPREAD:
            return ngettext(
                "The late mails leave within %(count)s day, a part of them every hour.",
                "The late mails leave within %(count)s days, a part of them every day.",
                done.days,
            ) % {"count": done.days}
        case Gap.Answer.SKIP:
            return _("What still makes sense leaves now. The rest stands in the outbox as too late.")
        case _now:
            return _("The late mails leave now, each in the hours in which its person gets mail.")
