"""Companies: their page, their joint warmth, and two that become one."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contacts.models import Company, Contact, DetailsChange, Merge
from contacts.services import company as companies
from nurturing.queries import receipts, warmth
from sales.models import Opportunity
from sales.services import outcome
from silo.models import User
from tests import cast
from tests.sales import stage

pytestmark = pytest.mark.django_db


def two(now: datetime) -> tuple[Company, Company, Contact, Contact]:
    anna = cast.make_anna()
    nils = cast.contact("Nils", "Ny", company=cast.malarbygg(), email="nils@malarbygg.example")
    return cast.fjordmek(), cast.malarbygg(), anna, nils


def test_the_warmth_of_a_company_is_the_sum_of_its_peoples(anna: Contact, now: datetime) -> None:
    berit = cast.contact("Berit", "By")
    for person in (anna, berit):
        stage.make_hot(person, now)
    whole = warmth.of([cast.fjordmek().pk], now=now)[cast.fjordmek().pk]
    degrees = receipts.degrees_of([anna.pk, berit.pk], now=now)
    assert whole.degrees == pytest.approx(sum(degrees.values()))
    assert whole.people == 2
    later = warmth.of([cast.fjordmek().pk], now=now + timedelta(days=21))[cast.fjordmek().pk]
    assert later.degrees == pytest.approx(whole.degrees / 2), "it cools as its people do"
    assert warmth.warmest(now=now, most=5) == [cast.fjordmek().pk]
    told = warmth.why([anna.pk, berit.pk], now=now)
    assert {pk for pk, _line in told} == {anna.pk, berit.pk}


def test_the_page_shows_people_reasons_deals_and_history(anna: Contact, sam: User, now: datetime) -> None:
    berit = cast.contact("Berit", "By", ground="none")
    stage.make_hot(anna, now)
    outcome.record(contact_id=anna.pk, by=sam, outcome="meeting", now=now, what="Pilot for the harbour")
    page = cast.client_of(sam).get(f"/companies/{anna.company_id}/").content.decode()
    for words in (
        "Fjordmek AS",
        anna.name,
        berit.name,
        "Pilot for the harbour",
        "Sum of 1 person",
        "Meeting",
    ):
        assert words in page, words
    assert page.index(anna.name) < page.index(berit.name), "the warmest first"


def test_the_list_is_found_by_name_and_domain_and_paged(sam: User, now: datetime) -> None:
    Company.objects.bulk_create(
        Company(name=f"Firma {number:03}", name_key=f"firma {number:03}", domain=f"f{number}.example")
        for number in range(120)
    )
    client = cast.client_of(sam)
    seen: list[str] = []
    address = "/companies/?order=name"
    while address:
        answer = client.get(address)
        seen += [line.company.name for line in answer.context["lines"]]
        following = answer.context["next_url"]
        address = f"/companies/{following}" if following else ""
    assert seen == [f"Firma {number:03}" for number in range(120)]
    for q, name in (("firma 07", "Firma 070"), ("f99.ex", "Firma 099"), ("FIRMA 119 AB", "Firma 119")):
        assert name in client.get("/companies/", {"q": q}).content.decode()
    assert "No company here" in client.get("/companies/?q=zzz").content.decode()


def test_a_company_is_changed_and_the_change_taken_back(anna: Contact, sam: User, now: datetime) -> None:
    client, one = cast.client_of(sam), cast.fjordmek()
    said = {
        "seen": companies.seen_of(one),
        "name": "Fjordmekanikk AS",
        "domain": "www.fjordmek.no/om",
        "country": "NO",
    }
    client.post(f"/companies/{one.pk}/edit/", said)
    one.refresh_from_db()
    assert (one.name, one.name_key, one.domain, one.city) == (
        "Fjordmekanikk AS",
        "fjordmekanikk",
        "fjordmek.no",
        "",
    )
    stale = client.post(f"/companies/{one.pk}/edit/", said | {"name": "Mine"})
    assert stale.status_code == 409
    assert "A colleague changed this company meanwhile" in stale.content.decode()
    client.post(f"/companies/edits/{DetailsChange.objects.get().pk}/undo/")
    one.refresh_from_db()
    assert (one.name, one.city) == ("Fjordmek AS", "Bergen")


def test_a_name_that_another_has_leads_to_a_merge(anna: Contact, dana: Contact, sam: User) -> None:
    one, other = cast.fjordmek(), cast.malarbygg()
    answer = cast.client_of(sam).post(
        f"/companies/{one.pk}/edit/", {"seen": companies.seen_of(one), "name": "Mälarbygg"}
    )
    assert answer.status_code == 422
    assert f"/companies/{other.pk}/merge/{one.pk}/" in answer.content.decode()


def everything() -> dict[str, Any]:
    return {
        "companies": list(Company.objects.order_by("pk").values()),
        "people": list(Contact.objects.order_by("pk").values_list("pk", "company_id")),
        "deals": list(Opportunity.objects.order_by("pk").values_list("pk", "company_id")),
        "found": list(Contact.objects.order_by("pk").values_list("search__text", flat=True)),
    }


def test_two_companies_become_one_and_two_again(sam: User, now: datetime) -> None:
    one, other, _anna, nils = two(now)
    Company.objects.filter(pk=one.pk).update(city="", org_number="")
    outcome.record(contact_id=nils.pk, by=sam, outcome="meeting", now=now, what="Pilot")
    before = everything()
    client = cast.client_of(sam)
    assert client.get(f"/companies/{one.pk}/merge/{other.pk}/").status_code == 200
    client.post(f"/companies/{one.pk}/merge/{other.pk}/")
    assert set(Contact.objects.values_list("company_id", flat=True)) == {one.pk}
    assert Company.objects.get().city == "Västerås"
    old = client.get(f"/companies/{other.pk}/")
    assert (old.status_code, old.headers["Location"]) == (302, f"/companies/{one.pk}/")
    client.post(f"/companies/merges/{Merge.objects.get().pk}/undo/")
    assert everything() == before
    with pytest.raises(companies.NothingToUndo):
        companies.part(merge_id=Merge.objects.get().pk, by=sam, now=now)


def test_who_moved_on_or_came_since_stays_where_they_are(sam: User, now: datetime) -> None:
    one, other, anna, nils = two(now)
    third = Company.objects.create(name="Third", name_key="third")
    made = companies.merge(kept_id=one.pk, dropped_id=other.pk, by=sam, now=now)
    Contact.objects.filter(pk=nils.pk).update(company=third)
    new = cast.contact("New", "Comer")
    companies.part(merge_id=made.pk, by=sam, now=now)
    where = dict(Contact.objects.values_list("pk", "company_id"))
    assert where == {anna.pk: one.pk, nils.pk: third.pk, new.pk: one.pk}


def test_a_page_asks_as_much_for_thirty_people_as_for_three(
    anna: Contact, sam: User, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client = cast.client_of(sam)
    counts = []
    for number in (2, 28):
        for more in range(number):
            person = cast.contact(f"P{number}", f"Q{more}")
            cast.click(person, at=now - timedelta(days=1))
        for path in (f"/companies/{anna.company_id}/", anna.get_absolute_url(), "/companies/"):
            client.get(path)
            with django_assert_max_num_queries(70) as asked:
                client.get(path)
            counts.append(len(asked))
    assert counts[:3] == counts[3:]
