"""The printed form against the long way: whatever a person is called, a mailbox reads the same mail from both."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.keys import BadToken
from nurturing.content import compiling
from nurturing.content.rendering import Footer
from nurturing.inbound import reading
from nurturing.sending import form, tokens
from nurturing.sending.form import Filled, Form, Missing, Person
from nurturing.sending.letterhead import Letterhead
from nurturing.sending.message import Mailbox, Unmailable

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BODY = """Hej {{ contact.first_name }}!

.En rad som börjar med punkt, och en till
{{ contact.company }}

[Läs om {{ contact.company }}](https://nordvik.example/a?b=1&c=2), [eller här](https://nordvik.example/d), som
{{ contact.title | default: "den som <b>bestämmer" }}.{{ contact.city }}

..


{{ owner.name }} {{ sender.website }}
"""
FOOTER = Footer(
    "Nordvik Underhåll AB", "Kajgatan 1\n411 01 Göteborg", "556000-0000", "Därför.", "Från mässan."
)
HEAD = Letterhead(
    Mailbox("Åsa på Nordvik", "asa@nordvik.example"),
    None,
    "asa@nordvik.example",
    "nordvik.example",
    "https://silo.example",
)
FULL = {
    "contact": {"first_name": "Åse", "company": "Løken & Sønner", "title": "", "city": "Bergen"},
    "owner": {"name": "Sam"},
    "sender": {"website": "https://nordvik.example/=?"},
}


def made(
    body: str = BODY, subject: str = "{{ contact.first_name }}, så gjorde vi", head: Letterhead = HEAD
) -> Form:
    compiled = compiling.compile_mail(subject, "Förhand {{ contact.first_name }}", body, "sv")
    assert not compiled.errors, compiled.errors
    return Form(compiled, FOOTER, head)


PRINTED = made()
PLUS = replace(
    HEAD,
    plus=True,
    bounces_to="studs@nordvik.example",
    feedback_id="text-7:sender-1:silo:silo0badcafe",
    reply_to=Mailbox("svar@nordvik.example", "svar@nordvik.example"),
)
ELSEWHERE = made(head=PLUS)


def person(name: str = "Åse Løken", owner: str = "sam@nordvik.example", send_id: int = 4_000_000) -> Person:
    return Person(send_id, 77, Mailbox(name, "ase@løken.example"), Mailbox("Sam", owner))


def read(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage) and not parsed.defects
    return parsed


def parts(raw: bytes) -> tuple[list[tuple[str, str]], list[str]]:
    """Headers (but for the boundary) and texts, as a mailbox reads them."""
    parsed = read(raw)
    heads = [(name, str(value)) for name, value in parsed.items() if name != "Content-Type"]
    return heads, [part.get_content() for part in parsed.iter_parts()]  # type: ignore[attr-defined]


def fits(raw: bytes) -> None:
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not [line for line in lines if line.startswith(b".")]
    assert b"\n" not in raw.replace(b"\r\n", b"")
    raw.decode("ascii")


VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            ".",
            "..",
            "=",
            "=3D",
            "å" * 200,
            "x" * 400,
            "<a&\"'>",
            " ",
            "a  b",
            "\ue020\ue021",
            "日本",
            "a.b",
        ]
    ),
    st.text(max_size=200),
)

OWNERS = st.sampled_from(["sam@nordvik.example", "", "SVAR@nordvik.example", "sam@räv.example", "a b@x"])


@settings(max_examples=300)
@given(VALUES, VALUES, VALUES, VALUES, st.sampled_from([PRINTED, ELSEWHERE]), OWNERS)
def test_both_ways_give_the_same_mail(
    first: str, company: str, title: str, website: str, printed: Form, owner: str
) -> None:
    assert printed.is_printed
    merge: Any = {
        "contact": {"first_name": first, "company": company, "title": title, "city": ".se"},
        "owner": {"name": "Sam"},
        "sender": {"website": website},
    }
    name = " ".join(first.split()) if first.isprintable() else "Anna"

    def outcome(fill: Any) -> Any:
        try:
            return fill(merge, person(name, owner), now=NOON)
        except Unmailable as error:
            return error.code

    short, long = outcome(printed.fill), outcome(printed.fill_the_long_way)
    assert type(short) is type(long)
    if not isinstance(short, Filled):
        assert short == long
        return
    assert (short.merge, short.wire.subject) == (long.merge, long.wire.subject)
    assert (short.wire.message_id, short.wire.envelope_from, short.wire.envelope_to) == (
        long.wire.message_id,
        long.wire.envelope_from,
        "ase@xn--lken-gra.example",
    )
    assert parts(short.wire.raw) == parts(long.wire.raw)
    fits(short.wire.raw)
    fits(long.wire.raw)


def test_every_link_names_this_mail_and_leads_where_the_author_said() -> None:
    filled = PRINTED.fill(FULL, person(), now=NOON)
    assert isinstance(filled, Filled)
    for text in parts(filled.wire.raw)[1]:
        found = {piece.split('"')[0].split()[0].rstrip(").,>") for piece in text.split("/c/")[1:]}
        clicks = [tokens.read_click(token) for token in found]
        assert {(click.send_id, click.url) for click in clicks} == {
            (4_000_000, "https://nordvik.example/a?b=1&c=2"),
            (4_000_000, "https://nordvik.example/d"),
        }


def test_answers_go_to_the_silo_first_and_to_the_salesperson_too() -> None:
    def reply_to(which: Form, who: Person) -> str | None:
        filled = which.fill(FULL, who, now=NOON)
        assert isinstance(filled, Filled)
        return read(filled.wire.raw)["Reply-To"]

    elsewhere = Letterhead(
        HEAD.sender,
        Mailbox("Åsa", "svar@nordvik.example"),
        "stop@x.example",
        "nordvik.example",
        "https://s.example",
    )
    silo = "Åsa på Nordvik <asa@nordvik.example>"
    assert reply_to(PRINTED, person()) == f"{silo}, Sam <sam@nordvik.example>"
    assert reply_to(PRINTED, person(owner="")) is None
    assert reply_to(PRINTED, person(owner="Asa@nordvik.example")) is None
    assert reply_to(PRINTED, person(owner="no address at all")) is None
    assert reply_to(made(head=elsewhere), person()) == "Åsa <svar@nordvik.example>, Sam <sam@nordvik.example>"
    assert reply_to(made(head=replace(elsewhere, to_owner=False)), person()) == "Åsa <svar@nordvik.example>"
    assert reply_to(made(head=replace(HEAD, to_owner=False)), person()) is None


def test_the_mails_own_number_stands_where_answers_and_bounces_come_back_to() -> None:
    head = replace(PLUS, bounces_to="studs+nordvik@räv.example")
    filled = made(head=head).fill(FULL, person(), now=NOON)
    assert isinstance(filled, Filled)
    parsed = read(filled.wire.raw)
    for address, bare in (
        (parsed["Reply-To"].addresses[0].addr_spec, "svar+{}@nordvik.example"),
        (filled.wire.envelope_from, "studs+nordvik+{}@xn--rv-via.example"),
    ):
        (plus,) = reading.plus_tokens([address])
        assert address == bare.format(plus) and plus == plus.lower()
        assert tokens.read_plus(plus.upper()) == tokens.read_plus(plus) == 4_000_000
    assert [box.addr_spec for box in parsed["Reply-To"].addresses][1:] == ["sam@nordvik.example"]


def test_a_local_part_that_has_no_room_for_the_number_stays_as_it_is() -> None:
    long = "en-mycket-lang-brevlada-for-svar@nordvik.example"
    filled = made(head=replace(PLUS, bounces_to=long)).fill(FULL, person(), now=NOON)
    assert isinstance(filled, Filled)
    assert filled.wire.envelope_from == long
    assert len(read(filled.wire.raw)["Reply-To"].addresses[0].username) <= 64


@pytest.mark.parametrize(
    "evil", ["", "x", "a" * 500, "åäö", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\x00"]
)
def test_a_made_up_number_behind_the_plus_is_nobodys(evil: str) -> None:
    with pytest.raises(BadToken):
        tokens.read_plus(evil)


def test_a_message_token_behind_the_plus_is_still_read() -> None:
    assert tokens.read_plus(tokens.message_id(7, "x.example").partition("@")[0]) == 7


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [("first_name", "missing:first_name"), ("company", "missing:company"), ("city", "missing:city")],
)
def test_a_gap_is_never_sent(lacking: str, reason: str) -> None:
    merge = FULL | {"contact": FULL["contact"] | {lacking: ""}}
    assert (
        PRINTED.fill(merge, person(), now=NOON)
        == PRINTED.fill_the_long_way(merge, person(), now=NOON)
        == Missing(reason)
    )


@pytest.mark.parametrize(
    "body",
    [
        "Hej{% if contact.city %} i {{ contact.city }}{% endif %}!",
        "Hej {{ contact.first_name | upcase }}!",
        "[Hit](https://nordvik.example/?m={{ contact.first_name }})",
        'Hej {{ contact.title | default: "" }}!',
        "{% for i in (1..3) %}{{ contact.city }} {% endfor %}",
    ],
)
def test_what_needs_liquid_goes_the_long_way(body: str) -> None:
    which = made(body)
    assert not which.is_printed
    filled = which.fill(FULL, person(), now=NOON)
    assert isinstance(filled, Filled)
    fits(filled.wire.raw)


def test_a_name_that_holds_a_header_is_refused() -> None:
    with pytest.raises(Unmailable) as refusal:
        PRINTED.fill(FULL, person("Anna\r\nBcc: all@evil.example"), now=NOON)
    assert refusal.value.code == "header_injection"


def test_the_blank_lines_that_an_empty_answer_leaves_are_closed() -> None:
    filled = PRINTED.fill(FULL, person(), now=NOON)
    assert isinstance(filled, Filled)
    assert "\n\n\n" not in parts(filled.wire.raw)[1][0].replace("\r\n", "\n")


@pytest.mark.parametrize(
    "text", ["", ".", "a" * 200, "å" * 100, "=" * 80, "slut ", " början", "." * 200, "a\tb\t"]
)
def test_fixed_words_and_gaps_come_back_as_they_were(text: str) -> None:
    import quopri

    for made_of in (form.quoted(text), form.gap(text)):
        assert quopri.decodestring(made_of).decode() == text
        assert max(map(len, made_of.split(b"\r\n"))) <= 78
        assert not made_of.startswith(b".") and b"\n." not in made_of
