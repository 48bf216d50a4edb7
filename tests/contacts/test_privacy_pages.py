"""The privacy pages: what whoever answers for it sees and does, and what others may not."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from contacts import clock
from contacts.models import AuditEvent, Contact, FormerGround, LegalGround, RetentionRule, Suppression
from contacts.queries import audit as log
from contacts.queries import gate
from contacts.services import audit, suppression
from silo.models import User
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(ada: User) -> Client:
    return cast.client_of(ada)


# --- Stops


def test_a_pasted_list_is_stopped_and_what_cannot_be_read_stays_in_the_form(client: Client) -> None:
    anna = cast.make_anna()
    text = "ANNA.LIND@fjordmek.example\n@skannhus.example, 08-123 456 78; nobody\n@gmail.com"
    answer = client.post("/privacy/stops/", {"text": text, "channel": "all", "source": "letter of 12 May"})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "nobody, @gmail.com" in said and "3 are stopped." in said
    assert set(Suppression.objects.values_list("address", flat=True)) == {
        "anna.lind@fjordmek.example",
        "@skannhus.example",
        "+46812345678",
    }
    assert gate.verdict(anna.pk).reason == "suppressed:by_hand"


@pytest.mark.parametrize(
    "spelled",
    ["ANNA@ÅSEN.example", "anna@xn--sen-tla.example", "  anna@åsen.example. ", "anna@a\u030asen.example"],
)
def test_a_stop_holds_for_every_spelling(now: datetime, spelled: str) -> None:
    anna = cast.contact("Anna", "Å", email="anna@åsen.example")
    suppression.stop(address=spelled, channel="mail", reason="unsubscribed", source="x", now=now)
    assert gate.verdict(anna.pk).reason == "suppressed:unsubscribed"


def test_a_stop_holds_for_a_plus_and_below_a_domain_and_for_nobody_else(now: datetime) -> None:
    plus = cast.contact("A", "Plus", email="anna+list@firma.example")
    below = cast.contact("B", "Below", email="per@mail.annan.example")
    near = cast.contact("C", "Near", email="per@inteannan.example")
    other = cast.contact("D", "Other", email="annan@firma.example")
    suppression.stop(address="anna@firma.example", channel="mail", reason="unsubscribed", source="x", now=now)
    suppression.stop(address="@annan.example", channel="mail", reason="by_hand", source="x", now=now)
    found = gate.verdicts([plus.pk, below.pk, near.pk, other.pk])
    assert [one.allowed for one in found.values()] == [False, False, True, True]


def test_the_list_is_searched_by_part_and_by_an_erased_address(client: Client, now: datetime) -> None:
    chen, boris = cast.make_chen(), cast.make_boris()
    Suppression.objects.filter(address=chen.email).update(address="")
    assert "fjordmek" in client.get("/privacy/stops/?q=boris").content.decode()
    found = client.get("/privacy/stops/", {"q": str(chen.email).upper()}).content.decode()
    assert "only its hash is left" in found and str(boris.email) not in found


def test_a_persons_own_stop_goes_only_on_a_documented_request(client: Client, ada: User) -> None:
    chen = cast.make_chen()
    row = Suppression.objects.get()
    for words in ("", "ok"):
        assert client.post(f"/privacy/stops/{row.pk}/", {"request": words}).status_code == 422
    assert not gate.verdict(chen.pk).allowed
    said = "Chen ringde 17 november och bad om mejl igen."
    assert client.post(f"/privacy/stops/{row.pk}/", {"request": said}).status_code == 302
    row.refresh_from_db()
    assert (row.lift_reason, row.lifted_by) == (said, ada)
    assert gate.verdict(chen.pk).allowed


# --- Grounds


def test_the_page_explains_each_purpose(client: Client) -> None:
    anna = cast.make_anna()
    said = client.get(f"/people/{anna.pk}/grounds/").content.decode()
    assert "May we write to Anna Lind?" in said
    assert "They agreed to news and offers; invitations are another matter." in said
    assert "This mail is for customers, and no customer relation is stored." in said


def test_a_ground_is_stored_with_its_proof_and_the_old_one_stays_below(client: Client, ada: User) -> None:
    anna = cast.make_anna()
    told = {"purpose": "marketing", "ground": "existing_customer", "on": "2026-03-01", "source": "order 17"}
    assert client.post(f"/people/{anna.pk}/grounds/", told).status_code == 302
    row = LegalGround.objects.get(contact=anna, purpose="marketing")
    assert (row.ground, row.source, row.by, row.at.date().isoformat()) == (
        "existing_customer",
        "order 17",
        ada,
        "2026-03-01",
    )
    assert FormerGround.objects.get(contact=anna).ground == "consent"
    assert "What held before" in client.get(f"/people/{anna.pk}/grounds/").content.decode()


def test_a_consent_without_proof_is_refused(client: Client) -> None:
    anna = cast.make_anna()
    answer = client.post(f"/people/{anna.pk}/grounds/", {"purpose": "invitation", "ground": "consent"})
    assert answer.status_code == 422
    assert not LegalGround.objects.filter(contact=anna, purpose="invitation").exists()


# --- Rights


def test_everything_is_given_out_readable_and_as_json_and_both_are_written_down(
    client: Client, now: datetime
) -> None:
    anna = cast.make_anna(tags=["kund"])
    cast.click(anna, at=now, what="Priser 2027")
    page = client.get(f"/people/{anna.pk}/data/").content.decode()
    assert "anna.lind@fjordmek.example" in page and "Priser 2027" in page and "kund" in page
    answer = client.get(f"/people/{anna.pk}/data.json")
    said = json.loads(answer.content)
    assert said["person"][0]["first_name"] == "Anna"
    assert said["grounds"][0]["ground"] == "consent"
    assert said["signs"][0]["what"] == "Priser 2027"
    assert answer["Cache-Control"] == "no-store"
    lines = AuditEvent.objects.filter(verb="contact.given_out", contact_id=anna.pk)
    assert sorted(line.detail["to"] for line in lines) == ["json", "page"]


def test_erasing_is_named_as_final_and_takes_one_click(client: Client) -> None:
    anna = cast.make_anna()
    said = client.get(f"/people/{anna.pk}/erase/").content.decode()
    assert "Final: nobody can bring this back" in said
    assert client.post(f"/people/{anna.pk}/erase/", {"asked": "1"}).status_code == 302
    assert Contact.objects.get(pk=anna.pk).erased_at
    assert client.get(f"/people/{anna.pk}/erase/").status_code == 404


@pytest.mark.parametrize("place", ["data/", "data.json", "erase/"])
def test_only_an_admin_gives_out_and_erases(place: str, sam: User, mira: User) -> None:
    anna = cast.make_anna()
    for user in (sam, mira):
        assert cast.client_of(user).get(f"/people/{anna.pk}/{place}").status_code == 403
    cast.client_of(sam).post(f"/people/{anna.pk}/erase/")
    assert Contact.objects.present().filter(pk=anna.pk).exists()


# --- Retention


def test_a_rule_shows_whom_it_touches_before_it_is_switched_on(client: Client) -> None:
    cast.contact("Quiet", "One", at=cast.NOW - timedelta(days=800), ground="none")
    with clock.at(cast.NOW):
        said = client.get("/privacy/keeping/no_sign_of_life/?days=730").content.decode()
        assert "It touches 1 now" in said and "Quiet One" in said and "It cannot be undone." in said
        assert not RetentionRule.objects.exists()
        assert client.post("/privacy/keeping/no_sign_of_life/", {"days": "5"}).status_code == 422
        assert client.post("/privacy/keeping/no_sign_of_life/", {"days": "730"}).status_code == 302
    assert "on: 730 days" in client.get("/privacy/keeping/").content.decode()
    client.post("/privacy/keeping/no_sign_of_life/off/")
    assert RetentionRule.objects.get().on_since is None


# --- The audit log


def test_the_log_is_searched_by_person_colleague_verb_and_day(client: Client, ada: User, sam: User) -> None:
    anna, boris = cast.make_anna(), cast.make_boris()
    first, last = cast.NOW - timedelta(days=9), cast.NOW
    audit.write(verb="contact.seen", now=first, by=sam, contact_id=anna.pk)
    audit.write(verb="contact.changed", now=last, by=ada, contact_id=boris.pk, fields=["title"])

    def found(**asked: Any) -> list[str]:
        return [line.person for line in log.page(log.Asked(**asked)).lines]

    assert found(person="anna") == found(colleague=sam.pk) == found(verb="contact.seen") == ["Anna Lind"]
    assert found(until=first + timedelta(days=1)) == found(person=f"#{anna.pk}") == ["Anna Lind"]
    assert found(since=first + timedelta(days=1), until=last + timedelta(hours=1)) == ["Boris Berg"]
    said = client.get("/privacy/log/?person=boris").content.decode()
    assert "fields: title" in said and "Anna Lind" not in said


def test_the_log_goes_on_where_the_page_ended_also_within_one_moment(ada: User) -> None:
    for number in range(7):
        audit.write(verb="contact.seen", now=cast.NOW, by=ada, contact_id=900 + number)
    seen: list[str] = []
    before = ""
    while True:
        page = log.page(log.Asked(before=before), size=3)
        seen += [line.person for line in page.lines]
        before = page.next
        if not before:
            break
    assert seen == [f"#{number}" for number in range(906, 899, -1)]


@pytest.mark.parametrize(
    "junk", ["x", "2026-13-40T00:00:00Z_1", "_", "2026-11-17T08:30:00+00:00_" + "9" * 40]
)
def test_a_made_up_place_in_the_log_is_its_beginning(client: Client, junk: str) -> None:
    assert client.get("/privacy/log/", {"before": junk, "since": junk, "colleague": junk}).status_code == 200


def test_a_draft_of_the_balancing_text_stands_ready_and_versions_stay(client: Client) -> None:
    assert "Purpose: we tell people" in client.get("/privacy/balancing/").content.decode()
    for words in ("Our interest weighs more, because " + "x" * 80, "Now it says something else: " + "y" * 80):
        assert client.post("/privacy/balancing/", {"text": words}).status_code == 302
    said = client.get("/privacy/balancing/").content.decode()
    assert "x" * 80 in said and "y" * 80 in said
    assert client.post("/privacy/balancing/", {"text": "short"}).status_code == 422


# --- The table of the law: country × recipient × ground × purpose

C, E, A, L, N = "consent", "existing_customer", "role_address", "legitimate_interest", "none"
PRIVATE, SOLE, ROLE, POST = "natural_person", "sole_trader", "company_role", "role_address"


def by_the_facts(country: str, recipient: str, ground: str) -> bool:
    """The fact sheet in one sentence each: consent and customers always (SE 19 §, NO § 15); nobody without a ground;
    a role address without consent in both; a person in a company role by interest in Sweden, not in Norway.
    """
    if ground in (C, E):
        return True
    if ground == N or country == "DK":
        return False
    if recipient == POST:
        return ground in (A, L)
    return ground == L and recipient == ROLE and country == "SE"


@pytest.mark.parametrize("country", ["SE", "NO", "DK"])
@pytest.mark.parametrize("recipient", [PRIVATE, SOLE, ROLE, POST])
@pytest.mark.parametrize("ground", [C, E, A, L, N])
def test_the_gate_says_what_the_facts_say(country: str, recipient: str, ground: str) -> None:
    one = cast.contact("One", "Body", country=country, recipient=recipient, ground=ground)
    allowed = by_the_facts(country, recipient, ground)
    assert gate.verdict(one.pk).allowed is allowed
    # invitations: by the same ground, but a consent covers only what it was given for
    assert gate.verdict(one.pk, purpose="invitation").allowed is (allowed and ground != C)
    assert gate.verdict(one.pk, purpose="service").allowed is (ground == E)
    assert gate.verdict(one.pk, purpose="answer").allowed
    assert gate.verdict(one.pk, purpose="notice").allowed is (ground != N)
    LegalGround.objects.create(contact=one, purpose="invitation", ground=ground, at=cast.NOW)
    assert gate.verdict(one.pk, purpose="invitation").allowed is allowed


def test_a_purpose_that_nobody_knows_is_an_error_and_not_a_yes() -> None:
    with pytest.raises(ValueError, match="purpose"):
        gate.verdict(cast.make_anna().pk, purpose="anything")
