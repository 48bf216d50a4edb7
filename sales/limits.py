"""What the company may set about calling: read here and nowhere else, with what holds when nobody set it."""

from datetime import timedelta

from django.conf import settings


def claim_length() -> timedelta:
    """How long somebody holds a person before the next colleague may take them."""
    return timedelta(minutes=settings.SILO_CLAIM_MINUTES)


def calls_a_day() -> int:
    """How many calls the team can make in a day; who is hot beyond that is next."""
    return settings.SILO_CALLS_A_DAY


def no_answer_tries() -> int:
    """After so many calls in a row without an answer the silo looks after them again."""
    return settings.SILO_NO_ANSWER_TRIES


def onboarding_sequence() -> str:
    """The name of the sequence that new customers are brought into; empty: none."""
    return settings.SILO_ONBOARDING_SEQUENCE


ANSWER_WITHIN = {
    "call_me": timedelta(hours=4),
    "replied": timedelta(hours=24),
    "form": timedelta(hours=24),
}
"""What somebody who got in touch by themselves may expect of us."""
