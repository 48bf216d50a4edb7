"""The ladder of every address, read from the resolver: a new view cannot stay outside of it.

login for strangers · 403 without a role · 405 for what is only posted · 404 for what is not there · no change
without a token. That looking changes nothing is in tests/silo/test_pages.py; what each view does for those who may,
its own tests say.
"""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from silo.models import User
from tests import cast
from tests.architecture.test_guards import OF_ALLAUTH, OPEN, addresses

# A page with a form that posts to its own address. Everything else that can be posted to is posted to only.
FORMS = {
    "first_run",
    "invitation",
    "contacts:add",
    "contacts:balancing",
    "contacts:change_many",
    "contacts:erase",
    "contacts:export",
    "contacts:grounds",
    "contacts:import_undo",
    "contacts:rule",
    "contacts:suppressions",
    "contacts:take_back",
    "contacts:custom_fields",
    "contacts:edit",
    "contacts:edit_company",
    "contacts:field",
    "contacts:merge",
    "contacts:merge_companies",
    "contacts:new_import",
    "contacts:new_segment",
    "nurturing:confirm",
    "contacts:segment",
    "nurturing:check_domain",
    "nurturing:describe_sequence",
    "nurturing:join",
    "nurturing:join_form",
    "nurturing:mail_host",
    "nurturing:mailbox",
    "nurturing:mailbox_signed_in",
    "nurturing:new_mail_host",
    "nurturing:new_mailbox",
    "nurturing:new_warm_up",
    "nurturing:new_join_form",
    "nurturing:your_data",
    "nurturing:enroll",
    "nurturing:go_live",
    "nurturing:new_piece",
    "nurturing:new_sequence",
    "nurturing:piece",
    "nurturing:preferences",
    "nurturing:publish",
    "nurturing:sender_limits",
    "nurturing:sending",
    "nurturing:step",
    "nurturing:warm_up",
    "sales:refer",
}
# The token or the signature is the key, and there is no browser of ours in between.
WITHOUT_CSRF = {
    "nurturing:preferences",
    "nurturing:webhook",
    "nurturing:confirm",
    "nurturing:join",
    "nurturing:your_data",
}
# Not a page of a person: it takes back what was done to many at once, and says so when there is nothing to take back.
FORGIVES_AN_UNKNOWN_ID = {"nurturing:undo_enroll"}
UNKNOWN = 987_654_321
TOO_LARGE = 10**30

EVERY = dict(addresses(get_resolver().url_patterns))
OURS = sorted(name for name, one in EVERY.items() if not one.callback.__module__.startswith(OF_ALLAUTH))
GUARDED = [name for name in OURS if name not in OPEN]

pytestmark = pytest.mark.django_db


def made_up(name: str, number: int = UNKNOWN) -> str:
    """The address with ids of nothing."""
    pattern = EVERY[name].pattern
    kwargs: dict[str, object] = dict.fromkeys(pattern.regex.groupindex, "nothing")
    kwargs |= {key: number for key, one in pattern.converters.items() if one.regex == "[0-9]+"}
    return reverse(name, kwargs=kwargs)


def methods(client: Client, address: str) -> Iterator[tuple[str, int, str]]:
    for method in ("get", "post"):
        answer = getattr(client, method)(address)
        yield method, answer.status_code, answer.headers.get("Location", "")


def is_posted(client: Client, address: str) -> bool:
    return bool(client.post(address).status_code != 405)


def test_a_stranger_is_sent_to_the_login_and_nowhere_else(ada: User) -> None:
    got_further = {}
    for name in GUARDED:
        address = made_up(name)
        answers = list(methods(Client(), address))
        sent = [code for _m, code, to in answers if code == 302 and to.startswith("/account/login/?next=")]
        refused = [code for _m, code, _to in answers if code == 405]
        if not sent or len(sent) + len(refused) != 2:
            got_further[name] = answers
    assert got_further == {}


def test_a_colleague_without_a_role_gets_403(db: None) -> None:
    client = cast.client_of(cast.colleague("Nils"))
    got_further = {}
    for name in GUARDED:
        codes = [code for _m, code, _to in methods(client, made_up(name))]
        if set(codes) not in ({403}, {403, 405}):
            got_further[name] = codes
    assert got_further == {}


def test_the_refusal_is_a_page_in_words(db: None) -> None:
    answer = cast.client_of(cast.colleague("Nils")).get("/people/")
    assert "This page is for: salesperson, marketer, admin." in answer.content.decode()


def test_every_view_names_its_methods(ada: User) -> None:
    client = cast.client_of(ada)
    careless = {
        (name, method)
        for name in OURS
        for method in ("put", "options")
        if getattr(client, method)(made_up(name)).status_code != 405
        and name
        not in ("set_language", "nurturing:webhook")  # Django's own; an unknown provider is 404 first
    }
    assert careless == set()


def test_what_is_posted_to_is_posted_to_only_unless_it_is_a_form(ada: User) -> None:
    client = cast.client_of(ada)
    posted = {name for name in OURS if is_posted(client, made_up(name))}
    looked_at = {name for name in posted if client.get(made_up(name)).status_code != 405}
    assert looked_at - {"set_language", "nurturing:webhook"} == FORMS


@pytest.mark.parametrize("number", [UNKNOWN, TOO_LARGE])
def test_what_is_not_there_is_404_in_every_method(ada: User, number: int) -> None:
    client = cast.client_of(ada)
    found = {}
    for name in OURS:
        if not EVERY[name].pattern.converters or name in FORGIVES_AN_UNKNOWN_ID:
            continue
        codes = [code for _m, code, _to in methods(client, made_up(name, number))]
        if set(codes) not in ({404}, {404, 405}):
            found[name] = codes
    assert found == {}


def test_a_post_without_a_token_is_refused_everywhere(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    taken = {}
    for name in EVERY:
        if name in WITHOUT_CSRF:
            continue
        answer = client.post(made_up(name))
        if answer.status_code not in (403, 405):
            taken[name] = answer.status_code
    assert taken == {}


def test_only_the_public_pages_and_the_webhooks_are_free_of_it(db: None) -> None:
    exempt = {name for name, one in EVERY.items() if getattr(one.callback, "csrf_exempt", False)}
    assert exempt == WITHOUT_CSRF
