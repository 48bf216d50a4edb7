"""For ever or for now: only an address that does not exist is stopped."""

import pytest

from nurturing.inbound.bounce import Bounce, is_hard


@pytest.mark.parametrize(
    "told",
    [
        Bounce("550 5.1.1 <anna@x.example>: user unknown"),
        Bounce("5.1.2 bad destination system", provider_word="permanent"),
        Bounce("No such user here", provider_word="HardBounce"),
        Bounce("", provider_word="HardBounce"),
        Bounce("Not delivering to previously bounced address", provider_word="suppress-bounce"),
        Bounce("mailbox does not exist", enhanced="5.1.1"),
        Bounce("550 The email account that you tried to reach does not exist."),
    ],
)
def test_a_dead_address_is_hard(told: Bounce) -> None:
    assert is_hard(told)


@pytest.mark.parametrize(
    "told",
    [
        Bounce("452 4.2.2 The email account is over quota"),
        Bounce("552 5.2.2 mailbox full", provider_word="permanent"),
        Bounce("550 5.7.1 message rejected due to policy", provider_word="HardBounce"),
        Bounce("550 5.7.515 Access denied, sending domain does not meet the required authentication level"),
        Bounce("550 5.7.26 unauthenticated", provider_word="permanent"),
        Bounce("421 try again later", provider_word="permanent"),
        Bounce("5.1.1 in the text of a soft one", provider_word="SoftBounce"),
        Bounce("550 blocked using a blocklist", provider_word="permanent"),
        Bounce("", provider_word="Blocked"),
        Bounce(""),
        Bounce("see http://192.0.2.5.1.1/ for help"),
    ],
)
def test_a_full_mailbox_a_filter_or_a_policy_is_not(told: Bounce) -> None:
    assert not is_hard(told)
