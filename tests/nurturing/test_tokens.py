"""Tokens of links: they carry all they need, and only ours are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.keys import BadToken
from nurturing.sending import tokens
from nurturing.sending.tokens import Click, Stop

IDS = st.integers(0, 2**63 - 1)


@given(
    send_id=IDS,
    link_no=st.integers(0, 10_000),
    path=st.text(st.characters(blacklist_categories=["Cs"]), max_size=200),
)
def test_a_click_token_carries_mail_link_and_target(send_id: int, link_no: int, path: str) -> None:
    url = "https://nordsilo.example/" + path
    assert tokens.read_click(tokens.click_token(send_id, link_no, url)) == Click(send_id, link_no, url)


@given(contact_id=IDS, send_id=IDS)
def test_a_stop_token_carries_person_and_mail(contact_id: int, send_id: int) -> None:
    assert tokens.read_stop(tokens.stop_token(contact_id, send_id)) == Stop(contact_id, send_id)


@given(send_id=IDS)
def test_a_message_id_is_the_same_each_time_and_is_read_back(send_id: int) -> None:
    made = tokens.message_id(send_id, "nordsilo.example")
    assert made == tokens.message_id(send_id, "nordsilo.example")
    assert tokens.read_message_id(f" <{made}>") == send_id


def test_tokens_are_short_and_fit_an_address() -> None:
    token = tokens.stop_token(123_456, 9_876_543)
    assert len(token) < 40
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_a_changed_target_is_refused() -> None:
    good = tokens.click_token(1, 2, "https://nordsilo.example/a")
    for place in range(len(good) - 1):
        forged = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        with pytest.raises(BadToken):
            tokens.read_click(forged)


@pytest.mark.parametrize("junk", ["", "x", "https://evil.example", "å", "A" * 5_000, "....", "\x00"])
def test_junk_is_refused(junk: str) -> None:
    for read in (tokens.read_click, tokens.read_stop, tokens.read_trap, tokens.read_message_id):
        with pytest.raises(BadToken):
            read(junk)


def test_a_token_opens_only_the_door_it_was_made_for() -> None:
    with pytest.raises(BadToken):
        tokens.read_click(tokens.stop_token(1, 2))
    with pytest.raises(BadToken):
        tokens.read_stop(tokens.trap_token(1))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "/inside", "data:text/html,x", "mailto:a@b.example"]
)
def test_a_tracked_link_leads_to_a_web_address_only(url: str) -> None:
    with pytest.raises(ValueError, match="web address"):
        tokens.click_token(1, 1, url)
