"""May we write to this person, for what, and why: the answer for the page, with its history."""

from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from contacts.models import BalancingText, Contact, FormerGround, LegalGround
from contacts.queries import gate

P, G = LegalGround.Purpose, LegalGround.Ground


@dataclass(frozen=True, slots=True)
class Answer:
    """One purpose: what the gate says, and the ground that it asked."""

    purpose: str
    label: StrOrPromise
    verdict: gate.Verdict
    ground: LegalGround | None
    borrowed: bool  # the ground for news carries this purpose, too


@dataclass(frozen=True, slots=True)
class Page:
    """Everything about the grounds of one person."""

    answers: list[Answer]
    phone: gate.Verdict
    history: list[FormerGround]
    balancing: BalancingText | None


def of(contact: Contact) -> Page:
    """What holds now, per purpose, and what held before."""
    stored = {row.purpose: row for row in LegalGround.objects.filter(contact=contact).select_related("by")}
    answers = []
    for purpose in P:
        own = stored.get(purpose.value)
        used = own or (stored.get(P.MARKETING.value) if purpose != P.MARKETING else None)
        verdict = gate.verdict(contact.pk, purpose=purpose.value)
        answers.append(
            Answer(purpose.value, purpose.label, verdict, used, borrowed=own is None and used is not None)
        )
    weighed = any(one.ground and one.ground.ground == G.LEGITIMATE_INTEREST for one in answers)
    return Page(
        answers=answers,
        phone=gate.verdict(contact.pk, channel=gate.PHONE),
        history=list(
            FormerGround.objects.filter(contact=contact).select_related("by").order_by("-until", "-pk")
        ),
        balancing=balancing_in_force() if weighed else None,
    )


def balancing_in_force() -> BalancingText | None:
    """The newest version; None while nobody in the company has written one."""
    return BalancingText.objects.select_related("by").order_by("-at", "-pk").first()


def balancing_versions() -> list[BalancingText]:
    """All versions, newest first."""
    return list(BalancingText.objects.select_related("by").order_by("-at", "-pk"))


def rest_on_balancing() -> int:
    """How many people we write to on nothing but a legitimate interest."""
    rows = LegalGround.objects.filter(ground=G.LEGITIMATE_INTEREST, purpose=P.MARKETING)
    # The erased are few: taken off, they cost a sixth of what joining everybody else costs (1.5 s per million).
    gone = Contact.objects.filter(erased_at__isnull=False)
    return rows.count() - rows.filter(contact__in=gone).count()
