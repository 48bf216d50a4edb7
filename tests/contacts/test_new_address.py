"""Mail goes to another address from now on: what held for the old one is looked at again."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contacts.models import Contact, ContactAddress, DetailsChange, FormerGround, LegalGround
from contacts.queries import gate
from contacts.services import contact as contacts
from contacts.services import field, ground, merge, merge_undo
from silo.models import User
from tests import cast
from tests.contacts.test_details import said
from tests.contacts.test_import_engine import bring_in

pytestmark = pytest.mark.django_db
G, R = LegalGround.Ground, Contact.Recipient


def move(one: Contact, email: str, by: User, now: datetime) -> DetailsChange:
    one = Contact.objects.get(pk=one.pk)
    made = field.change(
        contact_id=one.pk, name="email", said=email, seen=field.seen_of(one, "email"), by=by, now=now
    )
    assert made
    return made


def ground_of(one: Contact) -> dict[str, object]:
    return LegalGround.objects.values("ground", "at", "source", "wording", "ip", "by_id").get(contact=one)


def test_a_role_address_that_becomes_a_named_norwegian_is_written_to_no_longer(
    sam: User, now: datetime
) -> None:
    post = cast.contact("", "", ground=G.ROLE_ADDRESS, email="post@firma.no", recipient=R.ROLE_ADDRESS)
    assert gate.verdict(post.pk).allowed
    made = move(post, "kari.normann@firma.no", sam, now)
    assert gate.verdict(post.pk).reason == "not_a_role_address"
    field.undo(change_id=made.pk, by=sam, now=now)
    assert gate.verdict(post.pk).allowed


def test_interest_in_a_company_goes_along_within_its_domain_and_is_judged_by_the_new_recipient(
    sam: User, now: datetime
) -> None:
    post = cast.contact("", "", ground=G.LEGITIMATE_INTEREST, email="post@firma.no", recipient=R.ROLE_ADDRESS)
    move(post, "kari.normann@firma.no", sam, now)
    assert gate.verdict(post.pk).reason == "norway_needs_consent"
    move(post, "info@firma.no", sam, now)
    assert gate.verdict(post.pk).allowed
    move(post, "info@annen.no", sam, now)
    assert gate.verdict(post.pk).reason == "no_ground"


@pytest.mark.parametrize("stored", [G.CONSENT, G.EXISTING_CUSTOMER, G.LEGITIMATE_INTEREST])
def test_what_was_given_for_the_old_address_does_not_hold_for_a_private_one_and_the_undo_brings_it_back(
    sam: User, now: datetime, stored: str
) -> None:
    eva = cast.contact("Eva", "Ek", ground=stored, email="eva@firma.se", company=None, country="SE")
    before = ground_of(eva)
    made = move(eva, "eva.privat@gmail.com", sam, now)
    assert gate.verdict(eva.pk).reason == "no_ground"
    assert FormerGround.objects.get(contact=eva).ground == stored
    assert Contact.objects.get(pk=eva.pk).recipient == R.NATURAL_PERSON
    field.undo(change_id=made.pk, by=sam, now=now)
    assert ground_of(eva) == before
    assert Contact.objects.get(pk=eva.pk).recipient == R.COMPANY_ROLE
    assert gate.verdict(eva.pk).allowed


def test_an_address_taken_away_and_given_anew_does_not_carry_the_ground(
    anna: Contact, sam: User, now: datetime
) -> None:
    Contact.objects.filter(pk=anna.pk).update(phone="+4755010299")
    move(anna, "", sam, now)
    move(anna, "anna.lind@gmail.com", sam, now)
    assert gate.verdict(anna.pk).reason == "no_ground"


def test_the_same_mailbox_in_another_spelling_keeps_its_ground(sam: User, now: datetime) -> None:
    eva = cast.contact("Eva", "Ek", ground=G.CONSENT, email="Eva@firma.se")
    Contact.objects.filter(pk=eva.pk).update(recipient=R.SOLE_TRADER)
    move(eva, "eva@firma.se", sam, now)
    assert gate.verdict(eva.pk).allowed
    assert Contact.objects.get(pk=eva.pk).recipient == R.SOLE_TRADER


def test_a_recipient_type_said_by_hand_stays_where_it_is_the_stricter_one(sam: User, now: datetime) -> None:
    one = cast.contact(
        "Eva", "Ek", ground=G.LEGITIMATE_INTEREST, email="eva@firma.se", recipient=R.SOLE_TRADER
    )
    move(one, "eva.ek@firma.se", sam, now)
    assert Contact.objects.get(pk=one.pk).recipient == R.SOLE_TRADER
    two = cast.contact(
        "Stab", "", ground=G.LEGITIMATE_INTEREST, email="stab@firma.no", recipient=R.ROLE_ADDRESS
    )
    move(two, "kari@firma.no", sam, now)
    assert Contact.objects.get(pk=two.pk).recipient == R.COMPANY_ROLE


def test_writing_to_a_further_address_does_not_take_the_consent_along(
    anna: Contact, sam: User, now: datetime
) -> None:
    ContactAddress.objects.create(contact=anna, email="anna@hemma.example")
    before = ground_of(anna)
    made = field.make_main(contact_id=anna.pk, said="anna@hemma.example", by=sam, now=now)
    assert made
    assert gate.verdict(anna.pk).reason == "no_ground"
    field.undo(change_id=made.pk, by=sam, now=now)
    assert ground_of(anna) == before
    assert gate.verdict(anna.pk).allowed


def test_the_undo_does_not_run_over_a_ground_that_was_stored_since(
    anna: Contact, sam: User, now: datetime
) -> None:
    made = move(anna, "anna@ny.example", sam, now)
    ground.keep(contact_id=anna.pk, ground=G.CONSENT, source="said so on the phone", by=sam, now=now)
    with pytest.raises(field.ChangedMeanwhile):
        field.undo(change_id=made.pk, by=sam, now=now)


def test_the_page_says_what_became_of_the_ground_and_how_to_store_it_anew(anna: Contact, sam: User) -> None:
    client = cast.client_of(sam)
    page = client.post(f"/people/{anna.pk}/edit/", said(anna, email="anna@ny.example"), follow=True)
    assert "The ground was given for the address before" in page.content.decode()
    assert gate.verdict(anna.pk).reason == "no_ground"
    anna.refresh_from_db()
    new = {"ground": "consent", "ground_source": "said yes for this one on the phone"}
    client.post(f"/people/{anna.pk}/edit/", said(anna, **new))
    assert gate.verdict(anna.pk).allowed


def test_a_ground_said_together_with_the_new_address_holds_for_it(anna: Contact, sam: User) -> None:
    new = {"email": "anna@ny.example", "ground_source": "said yes for the new one"}
    cast.client_of(sam).post(f"/people/{anna.pk}/edit/", said(anna, **new))
    assert gate.verdict(anna.pk).allowed


def test_who_takes_the_other_address_in_a_merge_keeps_the_proof_given_for_it(
    mira: User, now: datetime
) -> None:
    kept = cast.contact("Eva", "Ek", ground=G.CONSENT, email="eva@firma.se")
    dropped = cast.contact("Eva", "Ek", ground=G.CONSENT, email="eva@annat.se")
    LegalGround.objects.filter(contact=dropped).update(source="a form on the other site")
    before = ground_of(kept)
    made = merge.merge(kept_id=kept.pk, dropped_id=dropped.pk, take=["email"], by=mira, now=now)
    assert ground_of(kept)["source"] == "a form on the other site"
    merge_undo.part(merge_id=made.pk, by=mira, now=now)
    assert ground_of(kept) == before


def test_a_first_address_says_who_receives(sam: User, now: datetime) -> None:
    per = cast.contact(
        "Per", "Vik", email=None, phone="+46701740605", ground=G.LEGITIMATE_INTEREST, country="SE"
    )
    Contact.objects.filter(pk=per.pk).update(company=None)
    contacts.update(contact_id=per.pk, now=now, by=sam, email="per.vik@gmail.com")
    assert gate.verdict(per.pk).reason == "natural_person_needs_consent"


def test_an_address_that_a_list_fills_in_says_who_receives(
    now: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    per = cast.contact(
        "Per",
        "Vik",
        email=None,
        phone="+46701740605",
        ground=G.LEGITIMATE_INTEREST,
        company=None,
        country="SE",
    )
    bring_in("Förnamn;Efternamn;E-post;Telefon\nPer;Vik;per.vik@gmail.com;070-174 06 05\n", now)
    assert Contact.objects.get(pk=per.pk).email == "per.vik@gmail.com"
    assert gate.verdict(per.pk).reason == "natural_person_needs_consent"
