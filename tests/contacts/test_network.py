"""Names that people type in do not lead into our own network."""

import socket
from typing import Any
from unittest import mock

import pytest

from contacts import network


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fd00::1"),
        *(
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ),
    ],
)
def test_an_address_inside_is_told_from_one_outside(address: str) -> None:
    assert not network.is_outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "193.10.5.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_outside_is_one(address: str) -> None:
    assert network.is_outside(address)


def answers(*addresses: str) -> Any:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 993)) for one in addresses]
    return mock.patch("socket.getaddrinfo", return_value=found)


def test_one_address_inside_is_enough_to_refuse_a_name() -> None:
    with answers("8.8.8.8", "10.0.0.5"), pytest.raises(network.Inside):
        network.resolve("imap.x.example", 993)
    with answers("8.8.8.8", "10.0.0.5"):
        assert network.resolve("imap.x.example", 993, inside_allowed=True) == ["8.8.8.8", "10.0.0.5"]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "0177.0.0.1", "2130706433", "0x7f.1", "[::1]", "::1"]
)
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises((network.Inside, network.Unresolvable)):
        network.connect(host, 993, timeout=1)


def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    """A name that points elsewhere when it is asked a second time reaches nothing: it is not asked again."""
    with answers("8.8.8.8") as asked, mock.patch("socket.create_connection") as made:
        network.connect("imap.x.example", 993, timeout=3)
    assert asked.call_count == 1
    made.assert_called_once_with(("8.8.8.8", 993), 3)
