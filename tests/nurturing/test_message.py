"""The bytes of a mail, read back with the standard library's parser as a mailbox would."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.sending import message
from nurturing.sending.message import Mail, Mailbox, Unmailable

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def mail(**changes: Any) -> Mail:
    fields: dict[str, Any] = {
        "message_id": "abc-DEF_123@mail.fjordmek.example",
        "date": NOON,
        "sender": Mailbox("Åsa på Nordsilo", "asa@nordsilo.example"),
        "recipient": Mailbox("Anna Lind", "anna.lind@fjordmek.example"),
        "subject": "Så gjorde Fjordmek",
        "text": "Hej Anna!\n\nSå här.\n.\nStoppa: https://silo.example/u/TOKEN\n",
        "html": "<p>Hej Anna!</p>\n<p>Så här.</p>",
        "reply_to": (Mailbox("Sam Ek", "sam@nordsilo.example"),),
        "stop_url": "https://silo.example/u/TOKEN",
        "stop_address": "stop@nordsilo.example",
        "list_id": "silo.nordsilo.example",
        "feedback_id": "step7:seq3:marketing:nordsilo",
    }
    return Mail(**(fields | changes))


def read(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def display_name(raw: bytes, field: str) -> str:
    """Read apart from `policy.default`, which puts blanks between the encoded words of a name (a known fault
    of it).
    """
    header = message_from_bytes(raw)[field].replace("\n", "")
    return str(make_header(decode_header(parseaddr(header)[0])))


def test_headers_that_a_mailbox_provider_asks_for() -> None:
    parsed = read(message.build(mail()))

    assert parsed["From"] == "Åsa på Nordsilo <asa@nordsilo.example>"
    assert parsed["To"] == "Anna Lind <anna.lind@fjordmek.example>"
    assert parsed["Reply-To"] == "Sam Ek <sam@nordsilo.example>"
    assert parsed["Subject"] == "Så gjorde Fjordmek"
    assert parsed["Date"].datetime == NOON
    assert parsed["Message-ID"] == "<abc-DEF_123@mail.fjordmek.example>"
    assert parsed["List-Unsubscribe"] == (
        "<https://silo.example/u/TOKEN>, <mailto:stop@nordsilo.example?subject=stop%20TOKEN>"
    )
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed["List-Id"] == "<silo.nordsilo.example>"
    assert parsed["Feedback-ID"] == "step7:seq3:marketing:nordsilo"
    assert parsed["Auto-Submitted"] is None
    assert parsed["Precedence"] is None
    assert parsed["Bcc"] is None


def test_each_single_header_stands_once() -> None:
    names = [name.lower() for name in read(message.build(mail()))]
    assert len(names) == len(set(names))


def test_plain_text_comes_before_html_and_both_come_back_whole() -> None:
    parsed = read(message.build(mail()))

    assert parsed.get_content_type() == "multipart/alternative"
    plain, html = list(parsed.iter_parts())
    assert isinstance(plain, EmailMessage) and isinstance(html, EmailMessage)
    assert plain.get_content_type() == "text/plain"
    assert (
        plain.get_content().replace("\r\n", "\n")
        == "Hej Anna!\n\nSå här.\n.\nStoppa: https://silo.example/u/TOKEN\n"
    )
    assert html.get_content_type() == "text/html"
    assert html.get_content().replace("\r\n", "\n") == "<p>Hej Anna!</p>\n<p>Så här.</p>\n"


def test_a_mail_without_html_is_plain_text_and_nothing_else() -> None:
    parsed = read(message.build(mail(html="")))
    assert parsed.get_content_type() == "text/plain"
    assert parsed.get_content().startswith("Hej Anna!")


def test_every_line_ends_in_crlf_and_fits() -> None:
    raw = message.build(mail(subject="å" * 10_000, text="x" * 5_000, html="<p>" + "ö" * 5_000 + "</p>"))

    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    raw.decode("ascii")


@pytest.mark.parametrize(
    "subject", ["å" * 10_000, "word " * 2_000, "x" * 10_000, "=?utf-8?q?forged?=", "a  b", "日本" * 500]
)
def test_a_subject_comes_back_as_it_was(subject: str) -> None:
    assert read(message.build(mail(subject=subject)))["Subject"] == subject.strip()


@pytest.mark.parametrize(
    "evil", ["Anna\r\nBcc: all@evil.example", "Anna\nX: y", "Anna\rX: y", "Anna\x00", "\x0bAnna\x1b"]
)
@pytest.mark.parametrize("where", ["recipient", "sender", "reply_to"])
def test_a_line_break_in_a_name_is_refused(evil: str, where: str) -> None:
    box: Any = Mailbox(evil, "anna@fjordmek.example")
    with pytest.raises(Unmailable) as refusal:
        message.build(mail(**{where: (box,) if where == "reply_to" else box}))
    assert refusal.value.code == "header_injection"


def test_a_line_break_in_a_subject_is_refused() -> None:
    with pytest.raises(Unmailable) as refusal:
        message.build(mail(subject="Hej\r\nBcc: all@evil.example"))
    assert refusal.value.code == "header_injection"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@fjordmek.example",
        "a b@fjordmek.example",
        "anna@fjordmek.example\r\nBcc: x@evil.example",
        "anna@fjordmek.example\n",
        "anna@fjord mek.example",
        "anna@x.example, boris@x.example",
        "<anna@x.example>",
        "å@x.example",
        "a..b@x.example",
        "x" * 65 + "@x.example",
        "anna@-x.example",
        "anna@x..example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Unmailable) as refusal:
        message.build(mail(recipient=Mailbox("Anna", address)))
    assert refusal.value.code == "bad_address"


def test_a_swedish_domain_goes_out_in_ascii() -> None:
    assert message.address("anna@räksmörgås.example") == "anna@xn--rksmrgs-5wao1o.example"


NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=200)


@settings(max_examples=60, deadline=None)
@given(name=NAMES, subject=NAMES, body=st.text(st.characters(blacklist_categories=["Cs"]), max_size=400))
def test_whatever_a_person_is_called_no_header_is_added_and_no_part_is_lost(
    name: str, subject: str, body: str
) -> None:
    raw = message.build(
        mail(recipient=Mailbox(name, "anna@fjordmek.example"), subject=subject, text=body, html="<p>" + body)
    )
    parsed = read(raw)

    assert [box.addr_spec for box in parsed["To"].addresses] == ["anna@fjordmek.example"]
    assert sorted(parsed.keys()) == sorted(read(message.build(mail())).keys())
    assert len(list(parsed.iter_parts())) == 2
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@settings(max_examples=60, deadline=None)
@given(
    value=st.text(
        st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=120
    )
)
def test_names_and_subjects_come_back_as_they_were(value: str) -> None:
    raw = message.build(mail(recipient=Mailbox(value, "anna@fjordmek.example"), subject=value))
    assert read(raw)["Subject"] == value
    assert display_name(raw, "To") == value


@settings(max_examples=100, deadline=None)
@given(
    value=st.text(max_size=60),
    evil=st.sampled_from(["\r", "\n", "\r\n", "\x00", "\x1f"]),
    at=st.integers(0, 60),
)
def test_a_control_character_anywhere_inside_is_refused_or_trimmed(value: str, evil: str, at: int) -> None:
    with pytest.raises(Unmailable):
        message.build(mail(subject="x" + value[:at] + evil + value[at:] + "x"))
