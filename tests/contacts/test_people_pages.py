"""The list of people and the form that adds one."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts import bulk, clock, roles
from contacts.models import Contact
from contacts.queries import contact as people
from contacts.services import contact as contacts
from contacts.views import people_list
from nurturing.models import Standing
from silo.models import User
from tests import cast

LIST_QUERIES = 11  # the view, the columns, the walk's end, who and how many, the people, their companies, two of the gate, the views
FILLED = {
    "first_name": "Märta",
    "last_name": "Ström",
    "email": "MARTA@akeri.example",
    "phone": "",
    "company": "Åkeri AB",
    "title": "Ekonom",
    "country": "SE",
    "language": "",
    "recipient": "",
    "ground": "legitimate_interest",
    "ground_source": "",
    "way_in": "event",
}


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_asks_the_same_questions_for_one_and_three(db: None, sam: User, people: int) -> None:
    for number in range(people):
        cast.contact("P", str(number))
    client = cast.client_of(sam)
    client.get("/people/")
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/people/")
    assert page.content.decode().count('scope="row"') == people
    questions = [" ".join(one["sql"].replace('"', "").split()) for one in captured]
    asked = [one for one in questions if " FROM contacts_" in one and "nurturing_" not in one]
    assert len(asked) == LIST_QUERIES


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("asa", ["Åsa"]),
        ("ÅSA", ["Åsa"]),
        ("oberg ostra", ["Åsa"]),
        ("havard", ["Håvard"]),
        ("nass", []),
        ("næss", ["Håvard"]),
        ("naess", ["Håvard"]),
        ("08-465 004 11", ["Åsa"]),
        ("+46846500411", ["Åsa"]),
        ("example", ["Håvard", "Åsa"]),
        ("A@o.example", ["Åsa"]),
        ("a@o.exam", ["Åsa"]),
        ("a@o.examine", []),
        ("100%", []),
        ("_", []),
        ("nobody", []),
    ],
)
def test_people_are_found_with_and_without_accents(
    db: None, sam: User, now: datetime, words: str, found: list[str]
) -> None:
    contacts.add(
        first_name="Åsa",
        last_name="Öberg",
        company="Östra Verken AB",
        email="a@o.example",
        phone="08-465 004 11",
        now=now,
    )
    contacts.add(first_name="Håvard", last_name="Næss", company="Havbruk AS", email="h@h.example", now=now)
    page = cast.client_of(sam).get("/people/", {"q": words})
    assert [one.contact.first_name for one in page.context["page"].people] == found


def test_pages_go_on_by_key_and_back(db: None, sam: User, now: datetime) -> None:
    Contact.objects.bulk_create(
        Contact(email=f"p{n}@x.example", created_at=now - timedelta(hours=n // 3), updated_at=now)
        for n in range(120)
    )
    client = cast.client_of(sam)
    seen, url = [], "/people/"
    pages = []
    while url:
        page = client.get(url).context
        pages.append([one.contact.pk for one in page["page"].people])
        seen += pages[-1]
        url = f"/people/{page['older_url']}" if page["older_url"] else ""
        last = page
    assert len(seen) == len(set(seen)) == 120
    assert [len(one) for one in pages] == [50, 50, 20]
    back = client.get(f"/people/{last['newer_url']}").context
    assert [one.contact.pk for one in back["page"].people] == pages[1]


@pytest.mark.parametrize("cursor", ["x", "1-", "-1", "99999999999999999999-1", "1-1'; DROP TABLE"])
def test_a_cursor_that_is_none_gives_the_first_page(db: None, sam: User, cursor: str) -> None:
    anna = cast.make_anna()
    page = cast.client_of(sam).get("/people/", {"older": cursor})
    assert [one.contact.pk for one in page.context["page"].people] in ([anna.pk], [])
    assert page.status_code == 200


def test_the_list_says_why_somebody_is_not_written_to(db: None, sam: User) -> None:
    cast.make_chen()
    assert "asked for no more mail" in cast.client_of(sam).get("/people/").content.decode()


def test_the_list_offers_what_the_rooms_above_register(
    db: None, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_actions", {})
    bulk.register(bulk.Action("enroll", "Bring into a sequence…", "/bring/", (roles.SALESPERSON,)))
    bulk.register(bulk.Action("hidden", "Only for marketers", "/other/", (roles.MARKETER,)))
    anna = cast.make_anna()
    page = cast.client_of(sam).get("/people/").content.decode()
    assert 'formaction="/bring/"' in page
    assert f'name="ids" value="{anna.pk}"' in page
    assert "Only for marketers" not in page


def test_a_person_is_added_and_shown(db: None, sam: User) -> None:
    answer = cast.client_of(sam).post("/people/add/", FILLED)
    marta = Contact.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/people/{marta.pk}/")
    assert (marta.email, str(marta.company), marta.obtained) == ("marta@akeri.example", "Åkeri AB", "self")
    assert marta.grounds.get().ground == "legitimate_interest"


def test_whoever_is_here_already_is_named_with_a_link(db: None, sam: User) -> None:
    anna = cast.make_anna()
    answer = cast.client_of(sam).post("/people/add/", {**FILLED, "email": "Anna.Lind@fjordmek.example"})
    assert answer.status_code == 422
    assert f"Anna Lind is in the silo already: <a href='/people/{anna.pk}/'>" in answer.content.decode()
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"email": "", "phone": ""}, "one of them is enough"),
        ({"email": "marta(at)akeri.example"}, "holds no address"),
        ({"phone": "4.67E+10"}, "Excel has cut digits off"),
        ({"ground": "consent"}, "Say how we know"),
        ({"first_name": "x" * 10_000}, "at most 120 characters"),
        ({"first_name": "Märta\r\nBcc: a@x.se"}, "something like a mail header"),
        ({"country": "XX"}, "Select a valid choice"),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_nothing(
    db: None, sam: User, wrong: dict[str, str], words: str
) -> None:
    answer = cast.client_of(sam).post("/people/add/", {**FILLED, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Contact.objects.exists()


def test_the_ladder_of_adding(db: None, sam: User, mira: User) -> None:
    assert cast.client_of(None).post("/people/add/", FILLED).status_code == 302  # to the login
    assert not Contact.objects.exists()
    stranger = cast.colleague("Nils")
    assert cast.client_of(stranger).post("/people/add/", FILLED).status_code == 403
    assert cast.client_of(sam).put("/people/add/").status_code == 405
    assert cast.client_of(mira).post("/people/add/", FILLED).status_code == 302
    assert Contact.objects.count() == 1


def test_the_list_takes_no_other_method_and_nobody_without_a_role(db: None, sam: User) -> None:
    assert cast.client_of(sam).post("/people/").status_code == 405
    assert cast.client_of(cast.colleague("Nils")).get("/people/").status_code == 403
    assert cast.client_of(None).get("/people/").status_code == 302


def test_the_list_shows_whom_a_state_means_and_how_warm_they_are(
    db: None, sam: User, now: datetime, anna: Contact, boris: Contact
) -> None:
    """A count on the dashboard leads to exactly the people behind it."""
    cast.click(anna, at=now - timedelta(hours=1))
    Standing.objects.filter(contact=boris).update(state="with_sales")
    client = cast.client_of(sam)
    with clock.at(now):
        both = client.get("/people/").content.decode()
        page = client.get("/people/?standing=with_sales").content.decode()
    assert anna.name in both and boris.name in both and "°</b>" in both
    assert boris.name in page and anna.name not in page
    assert anna.name in client.get("/people/?standing=nonsense").content.decode()


def test_who_fits_is_found_beyond_the_stretch_that_is_walked(
    db: None, sam: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rare ones are old, the walk is short: pages hold the same people whichever way they were found."""
    monkeypatch.setattr(people, "WALK", 7)
    monkeypatch.setattr(people, "PAGE", 5)
    Contact.objects.bulk_create(
        Contact(
            email=f"p{n}@{'rare' if n < 12 or n % 9 == 0 else 'x'}.example", country="NO" if n < 12 else "SE"
        )
        for n in range(60)
    )
    Standing.objects.filter(contact__email__contains="rare").update(heat=3.0)
    client = cast.client_of(sam)
    for asked in (
        "q=rare",
        "country=NO",
        "q=rare&country=SE",
        "sort=warmest",
        "sort=warmest&q=rare",
        "sort=name&q=rare",
        "all=1",
    ):
        forward = _walk(client, asked, "older_url")
        wanted = people.matching(people_list.shown(QueryDict(asked), user_id=sam.pk).asked.filters, now=now)
        assert sorted(forward) == sorted(wanted.values_list("pk", flat=True)), asked
        assert len(forward) == len(set(forward)), asked
        if "sort" not in asked:
            assert forward == sorted(forward, reverse=True), asked


def _walk(client: Client, asked: str, link: str) -> list[int]:
    url = f"/people/?{asked}"
    seen: list[int] = []
    turned: list[int] = []
    while url:
        page = client.get(url).context
        here = [one.contact.pk for one in page["page"].people]
        if turned:
            back = client.get(f"/people/{page['newer_url']}").context
            assert [one.contact.pk for one in back["page"].people] == turned, asked
        turned = here
        seen += here
        url = f"/people/{page[link]}" if page[link] else ""
    return seen


@pytest.mark.parametrize(
    ("words", "found"),
    [("bo", ["Bo"]), ("B", ["Bo"]), ("b ek", ["Bo"]), ("ob", []), ("ck", []), ("a@", ["Jakob"])],
)
def test_one_or_two_letters_are_the_beginnings_of_words(
    db: None, sam: User, words: str, found: list[str]
) -> None:
    cast.contact("Bo", "Ek", email="x@x.example", company=None)
    cast.contact("Jakob", "Ockel", email="ja@y.example", company=None)
    page = cast.client_of(sam).get("/people/", {"q": words})
    assert [one.contact.first_name for one in page.context["page"].people] == found


def test_the_alphabet_is_the_readers(db: None, sam: User) -> None:
    for last in ("Ödman", "Zorn", "Åberg", "Ärlig", "Andersson", "Æsop"):
        cast.contact("X", last)
    client = cast.client_of(sam)

    def order(language: str) -> list[str]:
        page = client.get("/people/?sort=name", headers={"accept-language": language})
        return [one.contact.last_name for one in page.context["page"].people]

    assert order("sv") == ["Andersson", "Zorn", "Åberg", "Ärlig", "Æsop", "Ödman"]
    assert order("nb") == ["Andersson", "Zorn", "Ärlig", "Æsop", "Ödman", "Åberg"]


def test_filters_are_said_and_can_be_taken_away(db: None, sam: User) -> None:
    cast.contact("Anna", "Ek", tags=["fair"], owner=sam)
    page = cast.client_of(sam).get(f"/people/?q=ek&tag=fair&owner={sam.pk}&sort=name").content.decode()
    assert (
        f'href="?q=ek&amp;owner={sam.pk}&amp;sort=name"' in page
        or f'href="?q=ek&amp;sort=name&amp;owner={sam.pk}"' in page
    )
    assert "“ek”" in page and "fair" in page and "Anna" in page


@pytest.mark.parametrize(
    "hostile", ["%00", "%27%3B--", "%25%25", "%5C", "_", "a" * 500, "%F0%9F%A6%84", "%EF%BF%BF"]
)
def test_hostile_words_find_nobody_and_break_nothing(db: None, sam: User, hostile: str) -> None:
    cast.contact("Anna", "Ek")
    for name in (
        "q",
        "tag",
        "owner",
        "company",
        "segment",
        "batch",
        "sort",
        "view",
        "older",
        "newer",
        "way_in",
    ):
        answer = cast.client_of(sam).get(f"/people/?{name}={hostile}")
        assert answer.status_code == 200, name


def test_the_exact_count_comes_after_the_page(
    db: None, sam: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "WALK", 5)
    monkeypatch.setattr(people, "PAGE", 2)
    for number in range(8):
        cast.contact("P", str(number))
    client = cast.client_of(sam)
    page = client.get("/people/?q=example").content.decode()
    assert "Many people fit." in page and 'hx-get="/people/count/?q=example"' in page
    assert "8 people fit." in client.get("/people/count/?q=example").content.decode()
    assert "8 people in the silo." in client.get("/people/count/?all=1").content.decode()
    assert "8 people fit." in client.get("/people/?q=example&count=1").content.decode()
