"""Who is there twice: found by what people themselves go by, remembered, and merged many at once."""

from datetime import datetime

import pytest

from contacts.models import Contact, DuplicatePair, LegalGround, Merge
from contacts.queries import merge as merges
from contacts.services import duplicate, merge, merge_undo
from silo.models import User
from tests import cast

pytestmark = pytest.mark.django_db


def signs(now: datetime) -> dict[tuple[str, str], list[str]]:
    duplicate.refresh(now=now)
    pairs = DuplicatePair.objects.open().select_related("first", "second")
    return {(pair.first.first_name, pair.second.first_name): pair.signs for pair in pairs}


def test_the_same_phone_is_a_sign_unless_the_names_contradict(now: datetime) -> None:
    switchboard = "+4621123456"
    cast.contact("Åsa", "Öberg", email="ao@x.example", phone=switchboard)
    cast.contact("Asa", "Berg", email="ab@y.example", phone=switchboard)
    cast.contact("Nils", "Ny", email="nils@z.example", phone=switchboard)
    cast.contact("Kim", "Kvist", email="kim@x.example", phone="+46701112233")
    cast.contact("Kalle", "Karlsson", email="kalle@y.example", phone="+46701112233")
    assert signs(now) == {("Åsa", "Asa"): ["phone"], ("Kim", "Kalle"): ["phone"]}


def test_the_same_name_at_one_company_is_a_sign(now: datetime) -> None:
    cast.contact("Bjørn", "Sæther", email="b@x.example")
    cast.contact("Bjoern", "Saether", email="bs@y.example")
    cast.contact("Bjørn", "Sæther", email="other@z.example", company=cast.malarbygg())
    assert signs(now) == {("Bjørn", "Bjoern"): ["name_company"]}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("anna.lind@gmail.com", "annalind+silo@googlemail.com", True),
        ("anna+news@x.example", "anna@x.example", True),
        ("soren@x.example", "søren@x.example", True),
        ("soeren@x.example", "søren@x.example", True),
        ("haakon@x.example", "hakon@x.example", True),
        ("anna@fjordmek.example", "anna@fjordmek.test", True),
        ("a.nna@x.example", "anna@x.example", False),
        ("anna@x.example", "anne@x.example", False),
        ("anna@x.example", "anna@gmail.com", False),
    ],
)
def test_an_address_in_another_spelling_is_a_sign(now: datetime, one: str, other: str, alike: bool) -> None:
    for number, email in enumerate((one, other)):
        cast.contact(f"P{number}", f"Q{number}", email=email)
    assert (signs(now) == {("P0", "P1"): ["address"]}) is alike


def test_role_addresses_of_two_domains_are_no_sign(now: datetime) -> None:
    for host in ("fjordmek.example", "fjordmek.test"):
        cast.contact("", "", email=f"post@{host}", recipient="role_address")
    assert signs(now) == {}


def test_seven_with_one_name_are_no_proposal(now: datetime) -> None:
    for number in range(7):
        cast.contact("Per", "Hansen", email=f"per{number}x@x.example")
    assert signs(now) == {}


def test_that_two_are_not_one_is_remembered(sam: User, now: datetime) -> None:
    cast.contact("Per", "Hansen", email="p@x.example")
    cast.contact("Per", "Hansen", email="q@y.example")
    assert len(signs(now)) == 1
    pair = DuplicatePair.objects.get()
    duplicate.dismiss(pair_id=pair.pk, by=sam, now=now)
    assert signs(now) == {}
    duplicate.ask_again(pair_id=pair.pk, by=sam, now=now)
    assert len(signs(now)) == 1


def test_a_proposal_goes_when_its_reason_goes_and_looking_twice_is_looking_once(
    sam: User, now: datetime
) -> None:
    cast.contact("Per", "Hansen", email="p@x.example")
    other = cast.contact("Per", "Hansen", email="q@y.example")
    assert duplicate.refresh(now=now) == (1, 0)
    assert duplicate.refresh(now=now) == (0, 0)
    Contact.objects.filter(pk=other.pk).update(first_name="Pia")
    assert duplicate.refresh(now=now) == (0, 1)


def two(**other: object) -> DuplicatePair:
    cast.contact("Per", "Hansen", email="per@x.example", phone="+4755010203")
    fields: dict[str, object] = {"email": None, "phone": "+4755010203"}
    cast.contact("Per", "Hansen", **(fields | other))
    duplicate.refresh(now=cast.NOW)
    return DuplicatePair.objects.get()


@pytest.mark.parametrize(
    ("other", "safe"),
    [
        ({}, True),
        ({"email": "per+x@x.example"}, True),
        ({"email": "other@x.example"}, False),
        ({"phone": "+4755010299"}, False),
        ({"email": "per+x@x.example", "ground": LegalGround.Ground.NONE}, False),
        ({"email": "per+x@x.example", "recipient": "natural_person"}, False),
    ],
)
def test_only_what_contradicts_nothing_is_merged_in_bulk(
    db: None, other: dict[str, object], safe: bool
) -> None:
    assert two(**other).safe is safe


def test_many_are_merged_in_the_background_and_parted_again(sam: User, now: datetime) -> None:
    for number in range(45):
        for email in (f"p{number}@x.example", f"p{number}+y@x.example"):
            cast.contact(f"Per{number}", "Hansen", email=email)
    duplicate.refresh(now=now)
    begun = duplicate.begin(by=sam, now=now)
    Contact.objects.filter(email="p7+y@x.example").update(first_name="Pia")
    done = duplicate.run(run_id=begun.pk, now=now)
    assert (done.state, done.merged, done.left, Contact.objects.count()) == ("done", 44, 1, 46)
    with pytest.raises(duplicate.NothingToMerge):
        duplicate.begin(by=sam, now=now)
    duplicate.begin_undo(run_id=begun.pk, by=sam, now=now)
    undone = duplicate.run(run_id=begun.pk, now=now)
    assert (undone.state, undone.parted, Contact.objects.count()) == ("undone", 44, 90)
    with pytest.raises(merge_undo.NothingToUndo):
        duplicate.begin_undo(run_id=begun.pk, by=sam, now=now)


def test_an_old_number_leads_to_whoever_is_kept_through_any_number_of_merges(
    sam: User, now: datetime
) -> None:
    first, second, third = (cast.contact("Per", f"Hansen{n}", email=f"{n}@x.example") for n in range(3))
    one = merge.merge(kept_id=second.pk, dropped_id=first.pk, by=sam, now=now)
    two = merge.merge(kept_id=third.pk, dropped_id=second.pk, by=sam, now=now)
    assert merges.kept_for(first.pk) == third.pk
    assert merges.kept_for(third.pk) is None
    with pytest.raises(merge_undo.LaterFirst):
        merge_undo.part(merge_id=one.pk, by=sam, now=now)
    merge_undo.part(merge_id=two.pk, by=sam, now=now)
    merge_undo.part(merge_id=one.pk, by=sam, now=now)
    assert Contact.objects.filter(pk__in=[first.pk, second.pk, third.pk]).count() == 3
    with pytest.raises(merge_undo.NothingToUndo):
        merge_undo.part(merge_id=one.pk, by=sam, now=now)


def test_an_address_that_somebody_new_has_is_not_taken_from_them(sam: User, now: datetime) -> None:
    kept, dropped = (cast.contact("Per", f"Hansen{n}", email=f"{n}@x.example") for n in range(2))
    made = merge.merge(kept_id=kept.pk, dropped_id=dropped.pk, by=sam, now=now)
    new = cast.contact("Nils", "Ny", email="1@x.example")
    with pytest.raises(merge_undo.AddressTaken) as taken:
        merge_undo.part(merge_id=made.pk, by=sam, now=now)
    assert taken.value.contact_id == new.pk


def test_what_cannot_be_merged_is_refused(anna: Contact, dana: Contact, sam: User, now: datetime) -> None:
    with pytest.raises(merge.SamePerson):
        merge.merge(kept_id=anna.pk, dropped_id=anna.pk, by=sam, now=now)
    Contact.objects.filter(pk=dana.pk).update(erased_at=now)
    for pair in ((anna.pk, dana.pk), (dana.pk, anna.pk), (anna.pk, 987654)):
        with pytest.raises(merge.NotHere):
            merge.merge(kept_id=pair[0], dropped_id=pair[1], by=sam, now=now)
    assert not Merge.objects.exists()


def test_gaps_are_filled_and_nothing_is_lost(anna: Contact, dana: Contact, sam: User, now: datetime) -> None:
    Contact.objects.filter(pk=anna.pk).update(city="", tags=["a", "b"], custom={"x": 1})
    Contact.objects.filter(pk=dana.pk).update(city="Västerås", tags=["b", "c"], custom={"x": 2, "y": 3})
    merge.merge(kept_id=anna.pk, dropped_id=dana.pk, take=["title", "email"], by=sam, now=now)
    kept = Contact.objects.get(pk=anna.pk)
    assert (kept.city, kept.tags, kept.email) == ("Västerås", ["a", "b", "c"], dana.email)
    assert kept.custom == {"x": 1, "y": 3, "phone_2": dana.phone}
    assert list(kept.addresses.values_list("email", flat=True)) == [anna.email]
