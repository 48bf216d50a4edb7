"""May we write to this person? The one gate, judged at each send."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, LegalGround, Suppression
from contacts.queries import gate
from contacts.services import contact as contacts
from contacts.services import ground, suppression
from tests import cast

G, R = LegalGround.Ground, Contact.Recipient


@pytest.mark.parametrize(
    ("stored", "recipient", "country", "reason"),
    [
        (G.CONSENT, R.NATURAL_PERSON, "NO", ""),
        (G.CONSENT, R.COMPANY_ROLE, "NO", ""),
        (G.EXISTING_CUSTOMER, R.SOLE_TRADER, "NO", ""),
        (G.LEGITIMATE_INTEREST, R.COMPANY_ROLE, "SE", ""),
        (G.LEGITIMATE_INTEREST, R.COMPANY_ROLE, "NO", "norway_needs_consent"),
        (G.LEGITIMATE_INTEREST, R.ROLE_ADDRESS, "NO", ""),
        (G.LEGITIMATE_INTEREST, R.NATURAL_PERSON, "SE", "natural_person_needs_consent"),
        (G.LEGITIMATE_INTEREST, R.SOLE_TRADER, "SE", "natural_person_needs_consent"),
        (G.ROLE_ADDRESS, R.ROLE_ADDRESS, "NO", ""),
        (G.ROLE_ADDRESS, R.COMPANY_ROLE, "SE", "not_a_role_address"),
        (G.NONE, R.ROLE_ADDRESS, "SE", "no_ground"),
        ("", R.COMPANY_ROLE, "SE", "no_ground"),
    ],
)
def test_norway_is_stricter_than_sweden(stored: str, recipient: str, country: str, reason: str) -> None:
    assert gate.judge(ground=stored, recipient=recipient, country=country) == reason


def test_an_address_in_no_without_a_country_counts_as_norwegian(db: None) -> None:
    kari = cast.contact("Kari", "Moe", ground=G.LEGITIMATE_INTEREST, email="kari@moe.no", country="")
    assert gate.verdict(kari.pk).reason == "norway_needs_consent"


def test_each_refusal_says_why(db: None, now: datetime) -> None:
    anna, boris, chen = cast.make_anna(), cast.make_boris(), cast.make_chen()
    phone_only = cast.contact("Per", "Vik", email=None, phone="+4755010299")
    nothing = cast.contact("Nils", "Ås", ground="")
    gone = cast.contact("Gone", "Away", erased_at=now)
    found = gate.verdicts([anna.pk, boris.pk, chen.pk, phone_only.pk, nothing.pk, gone.pk, 0])
    assert {pk: verdict.reason for pk, verdict in found.items()} == {
        anna.pk: "",
        boris.pk: "suppressed:bounced",
        chen.pk: "suppressed:unsubscribed",
        phone_only.pk: "no_address",
        nothing.pk: "no_ground",
        gone.pk: "erased",
        0: "erased",
    }
    assert [verdict.allowed for verdict in found.values()] == [True] + [False] * 6
    assert found[chen.pk].words == "Stopped: asked for no more mail."
    assert all(verdict.words for verdict in found.values())


def test_a_stop_on_mail_leaves_the_phone(db: None) -> None:
    boris = cast.make_boris()
    assert gate.verdict(boris.pk, channel="phone").allowed
    assert gate.verdict(cast.make_chen().pk, channel="phone").reason == "no_phone"


@pytest.mark.parametrize("channel", ["mail", "phone"])
def test_a_stop_on_all_channels_by_the_address_holds_for_both(db: None, now: datetime, channel: str) -> None:
    anna = cast.make_anna()
    assert anna.email
    suppression.stop(
        address=anna.email.upper(), channel="all", reason="not_interested", source="call", now=now
    )
    assert gate.verdict(anna.pk, channel=channel).reason == "suppressed:not_interested"


def test_a_whole_domain_can_be_stopped(db: None, now: datetime) -> None:
    anna, eve = cast.make_anna(), cast.make_eve()
    suppression.stop(address="@Fjordmek.example", channel="mail", reason="by_hand", source="Ada", now=now)
    assert [gate.verdict(one.pk).reason for one in (anna, eve)] == ["suppressed:by_hand", ""]


def test_the_gate_asks_two_questions_for_any_number_of_people(db: None) -> None:
    one = [cast.contact("A", "A").pk]
    many = one + [cast.contact(name, name).pk for name in "BCD"]
    for ids in (one, many):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            gate.verdicts(ids)
        assert len(asked) == 2


def test_a_stop_twice_is_one_row_and_a_persons_own_word_takes_its_place(db: None, now: datetime) -> None:
    anna = cast.make_anna()
    assert anna.email
    first = suppression.stop(address=anna.email, channel="mail", reason="bounced", source="551", now=now)
    again = suppression.stop(address=anna.email, channel="mail", reason="by_hand", source="Ada", now=now)
    own = suppression.stop(address=anna.email, channel="mail", reason="unsubscribed", source="link", now=now)
    assert first.pk == again.pk != own.pk
    assert list(Suppression.objects.in_force().values_list("reason", flat=True)) == ["unsubscribed"]


def test_a_lifted_stop_opens_the_gate_again_once(db: None, now: datetime) -> None:
    chen, ada = cast.make_chen(), cast.make_ada()
    row = Suppression.objects.get()
    assert suppression.lift(suppression_id=row.pk, by=ada, now=now)
    assert gate.verdict(chen.pk).allowed
    assert not suppression.lift(suppression_id=row.pk, by=ada, now=now)


def test_a_list_never_weakens_a_ground(db: None, now: datetime) -> None:
    anna = cast.make_anna()
    assert not ground.keep(contact_id=anna.pk, ground=G.NONE, now=now, only_if_stronger=True)
    assert ground.keep(contact_id=anna.pk, ground=G.NONE, now=now, source="by hand")
    assert gate.verdict(anna.pk).reason == "no_ground"


def test_a_person_added_by_hand_has_ground_company_and_standing(db: None, now: datetime) -> None:
    made = contacts.add(
        email="Kari.Moe@Fjordlaks.example", phone="22 00 00 01", first_name="Kari", last_name="Moe",
        company="Fjordlaks AS", country="NO", ground=G.CONSENT, now=now, by=cast.make_sam(),
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.email, made.phone, str(made.company)) == (
        "kari.moe@fjordlaks.example",
        "+4722000001",
        "Fjordlaks AS",
    )
    assert gate.verdict(made.pk).allowed
    assert made.standing.next_at == now
    with pytest.raises(contacts.AlreadyHere) as known:
        contacts.add(email="KARI.MOE@fjordlaks.example", now=now)
    assert known.value.contact_id == made.pk


def test_nobody_is_added_without_a_way_to_reach_them(db: None, now: datetime) -> None:
    with pytest.raises(contacts.NoWayToReach):
        contacts.add(first_name="Kari", now=now)
    assert not Contact.objects.exists()


def test_an_update_names_what_changed_and_keeps_addresses_apart(db: None, now: datetime) -> None:
    anna, eve = cast.make_anna(), cast.make_eve()
    assert contacts.update(contact_id=anna.pk, title="CFO", city="Bergen", now=now) == ["title"]
    with pytest.raises(contacts.AlreadyHere):
        contacts.update(contact_id=anna.pk, email=eve.email, now=now)
    with pytest.raises(TypeError):
        contacts.update(contact_id=anna.pk, erased_at=now, now=now)
    anna.refresh_from_db()
    assert (anna.title, anna.email) == ("CFO", "anna.lind@fjordmek.example")
