"""Every page, as everybody who may see it, over a silo whose every text is hostile (tests/world.py).

One walk reads each page as a browser would and holds it against the promises of the face: nothing inline, nothing of
what people wrote runs, headings and names for everything, a token in every form, few questions to the database, and
nothing written by looking.
"""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Merge
from tests import cast
from tests.world import EVIL, World

MOST_QUERIES = 66  # a person's page: everything about them, however much there is
# Shown inside a sandboxed frame, with a policy of their own: what the recipient sees, inline styles and all.
FRAMES = {
    "nurturing:step_frame",
    "nurturing:piece_frame",
    "nurturing:mail_frame",
    "nurturing:test_mail_frame",
}
# A part of a page that is asked for again and again.
FRAGMENTS = {
    "contacts:import_progress",
    "contacts:people_count",
    "contacts:change_progress",
    "contacts:export_progress",
    "contacts:merge_run_progress",
    "contacts:segment_count",
}
# The key is in the address: a mailbox provider posts there without cookies (RFC 8058).
WITHOUT_TOKEN = {"nurturing:preferences", "nurturing:confirm", "nurturing:join", "nurturing:your_data"}
# Shows headings as samples.
WITH_SAMPLES = {"styleguide"}
# A hit is what a link of a mail is for.
# The last is allauth's: it writes down a colleague's own address when they look at it first.
# That somebody looked at a person is written down; that is what the audit log is for.
WRITTEN_BY_LOOKING = ("django_session", "nurturing_hit", "account_emailaddress", "contacts_auditevent")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Form:
    """A form as it stands on a page."""

    posts: bool
    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)

    def add(self, tag: str, had: dict[str, str | None]) -> None:
        """One of its fields; those that a person writes in are `typed`."""
        name = str(had["name"])
        if tag != "select":
            self.values.setdefault(name, had.get("value") or "")
        if tag == "textarea" or (
            tag == "input" and had.get("type") not in ("hidden", "radio", "checkbox", "submit", "file")
        ):
            self.typed.add(name)


class Page(HTMLParser):
    """What a browser makes of a page, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.ids: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.language = ""
        self.title = ""
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.forms: list[Form] = []
        self.open: list[str] = []
        self.select = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        had = dict(attributes)
        self.tags[tag] += 1
        if tag not in VOID:
            self.open.append(tag)
        if len(had) != len(attributes):
            self.wrong.append(f"<{tag}> has an attribute twice: {attributes}")
        for name in had:
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"<{tag} {name}={had[name]!r}>")
        for name in ("href", "src", "action", "formaction"):
            if (had.get(name) or "").strip().lower().startswith(("javascript:", "data:text")):
                self.wrong.append(f"<{tag} {name}={had[name]!r}>")
        if had.get("id") is not None:
            self.ids[str(had["id"])] += 1
        if tag == "html":
            self.language = had.get("lang") or ""
        if (
            tag == "script"
            and not had.get("src")
            and had.get("type") not in ("application/json", "importmap")
        ):
            self.wrong.append("an inline <script>")
        if tag in ("style", "marquee"):
            self.wrong.append(f"a <{tag}>")
        if tag == "img" and "alt" not in had:
            self.wrong.append(f"<img> without alt: {had}")
        if tag == "iframe" and not (had.get("title") and "sandbox" in had):
            self.wrong.append(f"<iframe> without title or sandbox: {had}")
        if tag == "label" and had.get("for"):
            self.labelled.add(str(had["for"]))
        if tag in ("input", "select", "textarea") and had.get("type") not in ("hidden", "submit"):
            self.fields.append(had | {"in label": "yes" if "label" in self.open else None})
        if tag == "form":
            self.forms.append(Form((had.get("method") or "get").lower() == "post", had.get("action") or ""))
        if tag == "option" and self.forms and self.select:
            self.forms[-1].values.setdefault(self.select, had.get("value") or "")
        self.select = had.get("name") or "" if tag == "select" else self.select if tag == "option" else ""
        if tag in ("input", "textarea", "button", "select") and self.forms and had.get("name"):
            self.forms[-1].add(tag, had)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        elif tag not in VOID:
            self.wrong.append(f"</{tag}> that was not open")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "title" and "svg" not in self.open:
            self.title += data
        if "49" in data and EVIL.replace("{{7*7}}", "49") in data:
            self.wrong.append("somebody's words were taken for a template")

    def faults(self, name: str) -> list[str]:
        """All that is wrong; a fragment needs neither title nor heading."""
        wrong = list(self.wrong)
        wrong += [f"id {one!r} stands {count} times" for one, count in self.ids.items() if count > 1]
        wrong += [
            f"a field without a name for those who listen: {one}"
            for one in self.fields
            if not self.named(one)
        ]
        for one in self.forms:
            if one.posts != ("csrfmiddlewaretoken" in one.values) and name not in WITHOUT_TOKEN:
                wrong.append(f"a form to {one.action!r}: posts {one.posts}, and its token is {not one.posts}")
        if name in FRAGMENTS:
            return wrong
        counts = {tag: self.tags[tag] for tag in ("h1", "main", "title")}
        if (counts["h1"] != 1 and name not in WITH_SAMPLES) or counts["main"] != 1 or not self.title.strip():
            wrong.append(f"not one heading, one main part and a title: {counts} {self.title!r}")
        if not self.language:
            wrong.append("no language")
        return wrong + [f"<{tag}> is not closed" for tag in self.open]

    def named(self, one: dict[str, str | None]) -> bool:
        return bool(
            one.get("id") in self.labelled
            or one["in label"]
            or one.get("aria-label")
            or one.get("aria-labelledby")
        )


RUNS = ("<script", "<marquee", "javascript:")


def policy_faults(name: str, answer: Any) -> list[str]:
    policy = answer.headers.get("Content-Security-Policy", "")
    said: dict[str, str] = dict(
        part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip()
    )  # type: ignore[misc]
    if said.get("default-src") != "'none'" or said.get("base-uri") != "'none'":
        return [f"the policy is not strict: {policy}"]
    if name in FRAMES:
        return (
            []
            if "sandbox" in policy and "script-src" not in policy
            else [f"the frame is not sandboxed: {policy}"]
        )
    if said.get("script-src") != "'self'" or said.get("style-src") != "'self'":
        return [f"the policy lets something in: {policy}"]
    return []


def written() -> dict[str, int]:
    """How often each table was written to in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def faults(client: Client, name: str, address: str) -> tuple[int, list[str]]:
    """The status, and everything that is wrong with the answer."""
    before = written()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    changed = {table for table, count in written().items() if count != before.get(table, 0)}
    wrong = [f"looking wrote to {table}" for table in changed if not table.startswith(WRITTEN_BY_LOOKING)]
    wrong += policy_faults(name, answer)
    if answer.status_code >= 500 or answer.status_code == 400:
        wrong.append(f"status {answer.status_code}")
    if len(asked) > MOST_QUERIES:
        wrong.append(f"{len(asked)} queries")
    if answer.headers["Content-Type"].startswith("text/html") and answer.content:
        text = answer.content.decode()
        wrong += (
            [f"a mail holds {one}" for one in RUNS if one in text]
            if name in FRAMES
            else Page(text).faults(name)
        )
    return answer.status_code, wrong


def test_every_page_for_everybody(world: World) -> None:
    cast.client_of(world.ada).get("/")  # The doctor's findings are kept for a while.
    wrong: dict[str, list[str]] = {}
    codes: dict[str, set[int]] = {}
    for role in ("sam", "mira", "ada"):
        client = cast.client_of(getattr(world, role))
        for name, address in world.addresses():
            code, found = faults(client, name, address)
            codes.setdefault(name, set()).add(code)
            if found:
                wrong[f"{address} ({role})"] = found
    assert wrong == {}
    never_seen = {name for name, seen in codes.items() if not seen & {200, 405}}
    merged = Merge.objects.get(pk=world.values["merge_id"])
    assert never_seen == {
        f"/people/{merged.dropped_id}/",  # leads to whom they were merged into
        "metrics",  # asks for a token of its own
        "contact_earlier",  # needs a moment: see world.more
        "first_run",
        "nurturing:click",
        "nurturing:mailbox_sign_in",  # leads to Microsoft or Google
        "nurturing:mailbox_signed_in",  # needs what they answer: see test_mailbox.py
        "nurturing:trap",
        "nurturing:webhook",
        "search",
        "set_language",
    }


def test_the_pages_for_strangers_and_for_those_who_are_turned_away(world: World) -> None:
    """Logged out; in the wrong place; at an address of nothing; with a form that was filled in wrongly."""
    nils = cast.client_of(cast.colleague("Nils"))
    mira = cast.client_of(world.mira)
    wrong = {}
    for client, address, expected in (
        (Client(), "/account/login/", 200),
        (Client(), "/account/signup/", 200),
        (Client(), "/account/password/reset/", 200),
        (Client(), reverse("invitation", args=[world.values["token"]]), 200),
        (Client(), "/invitation/nothing/", 404),
        (Client(), "/u/nothing", 404),
        (Client(), "/c/nothing", 404),
        (Client(), "/nothing/", 404),
        (nils, "/people/", 403),
        (nils, "/account/email/", 200),
        (nils, "/account/password/change/", 200),
        (nils, "/account/2fa/", 200),
        (nils, "/account/logout/", 200),
        (mira, "/doctor/", 403),
        (mira, "/outbox/?state=nothing", 404),
        (mira, f"/people/?q={quote(EVIL)}", 200),
        (mira, f"/sequences/enroll/?ids={quote(EVIL)}&next={quote(EVIL)}", 200),
        (mira, f"/library/?topic={quote(EVIL)}", 200),
        (mira, f"/today/?who={'9' * 30}", 404),
        (mira, f"/today/?who={'9' * 5000}", 404),
        (mira, f"/pipeline/?show={quote(EVIL)}", 200),
        (mira, f"/people/?older={quote(EVIL)}", 200),
    ):
        code, found = faults(client, address, address)
        if code != expected or found:
            wrong[address] = (code, found)
    assert wrong == {}


LISTS = ("/", "/people/", "/imports/", "/sequences/", "/library/", "/outbox/", "/today/", "/pipeline/", "/pipeline/?show=won",
         "/pipeline/?show=lost", "/colleagues/")  # fmt: skip


def test_no_list_asks_more_for_three_than_for_one(world: World) -> None:
    client = cast.client_of(world.ada)

    def asked() -> dict[str, int]:
        counts = {}
        for address in LISTS:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts[address] = len(queries)
        return counts

    one = asked()
    for number in (1, 2):
        world.grow(number)
    assert asked() == one


BAD = ("9" * 5000, "²\x00", "😀" * 400, "2026-13-45T25:61:00+99:99", "0001-01-01T00:00:00+23:59")


def test_nothing_in_an_address_breaks_a_page(world: World) -> None:
    client = cast.client_of(world.ada)
    known = world.values
    broken = {}
    for path, names in (
        ("/people/", "q ground country older newer"),
        ("/search/", "q"),
        (f"/people/{known['contact_id']}/", "only"),
        (f"/people/{known['contact_id']}/earlier/", "before only"),
        (f"/imports/{known['batch_id']}/", "verdict after"),
        (world.more[0], "verdict after"),
        ("/today/", "who after lane"),
        ("/pipeline/", "show owner stage page"),
        ("/outbox/", "state contact before"),
        ("/library/", "topic level language state"),
        (f"/library/{known['piece_id']}/", "person"),
        (f"/library/{known['piece_id']}/mail/", "person"),
        (f"/sequences/{known['sequence_id']}/steps/{known['step_key']}/", "person"),
        ("/sequences/enroll/", "ids contact batch sequence next"),
        ("/sending/", "sender transport"),
        (f"/referrals/{known['contact_id']}/", "colleague"),
        ("/account/login/", "next"),
    ):
        for name in names.split():
            for value in BAD if name in ("before", "older", "newer") else BAD[:2]:
                code = client.get(path, {name: value}).status_code
                if code not in (200, 302, 404):
                    broken[path, name, value[:9]] = code
    assert broken == {}


@pytest.mark.parametrize("turns", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_nothing_in_a_form_breaks_what_takes_it(world: World, turns: int) -> None:
    """Every form of every page, filled in as badly as can be, also where nobody writes by hand."""
    client = cast.client_of(world.ada)
    client.raise_request_exception = False
    forms: dict[tuple[str, frozenset[str]], Form] = {}
    for _name, address in world.addresses():
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            for one in Page(answer.content.decode()).forms:
                target = one.action or address
                if one.posts and target.startswith("/") and "logout" not in target:
                    forms.setdefault((target, frozenset(one.values)), one)
    assert len(forms) > 40
    broken = {}
    for at, ((target, _names), one) in enumerate(forms.items()):
        for turn in range(3) if turns == 3 else [at % 3]:
            names = sorted(one.values if turn == 2 else one.typed)
            filled = {name: BAD[(place + turn) % len(BAD)] for place, name in enumerate(names)}
            with transaction.atomic():
                answer = client.post(target, one.values | filled)
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                broken[target, turn] = answer.status_code
    assert broken == {}
