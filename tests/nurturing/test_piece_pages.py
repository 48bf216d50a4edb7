"""The library's pages: the same ladder, and what each state offers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Topic
from nurturing.models import Piece
from nurturing.services import piece
from tests.cast import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic() -> Topic:
    return Topic.objects.create(name="Stillestånd", slug="stillestand")


def written(mira, topic, now, **words) -> Piece:
    return piece.make(
        **{"title": "Vad kostar en timme?", "topic_id": topic.pk, "by": mira, "now": now, "level": "tofu",
           "language": "sv", "subject": "Vad kostar en timme?", "body": "Hej {{ contact.first_name }}"} | words
    )  # fmt: skip


@pytest.fixture
def hour(mira, topic, now) -> Piece:
    return written(mira, topic, now)


def posted(of: Piece, **changes: object) -> dict[str, object]:
    said = {
        name: getattr(of, name) for name in ("title", "level", "language", "subject", "preheader", "body")
    }
    return said | {"topic": of.topic_id, "seen": piece.fingerprint(of)} | changes


WRITES = ["piece", "publish_piece", "undo_publish_piece", "retire_piece", "bring_back_piece", "try_piece"]


@pytest.mark.parametrize("name", WRITES)
def test_the_ladder(hour, mira, sam, name):
    address = reverse(f"nurturing:{name}", args=[hour.pk])
    before = list(Piece.objects.values())
    assert client_of(sam).post(address, posted(hour)).status_code == 403
    assert "login" in client_of(None).post(address, posted(hour))["Location"]
    missing = reverse(f"nurturing:{name}", args=[hour.pk + 1000])
    assert client_of(mira).post(missing, posted(hour)).status_code == 404
    if name != "piece":
        assert client_of(mira).get(address).status_code == 405
    assert list(Piece.objects.values()) == before


def test_a_piece_is_begun_with_a_new_topic(mira):
    answer = client_of(mira).post(
        reverse("nurturing:new_piece"),
        {"title": "Vad kostar det?", "new_topic": "Oplanerade stopp", "level": "tofu", "language": "sv"},
    )
    made = Piece.objects.get()
    assert answer["Location"] == reverse("nurturing:piece", args=[made.pk])
    assert (made.topic.name, made.topic.slug, made.subject) == (
        "Oplanerade stopp",
        "oplanerade-stopp",
        "Vad kostar det?",
    )
    client_of(mira).post(
        reverse("nurturing:new_piece"),
        {"title": "Till", "new_topic": "oplanerade STOPP", "level": "tofu", "language": "sv"},
    )
    assert Topic.objects.count() == 1


@pytest.mark.parametrize(
    "bad", [{"title": ""}, {"topic": "99999"}, {"level": "x"}, {"topic": "", "new_topic": ""}]
)
def test_a_bad_new_piece_is_refused(mira, topic, bad):
    full = {"title": "T", "topic": topic.pk, "level": "tofu", "language": "sv"} | bad
    assert client_of(mira).post(reverse("nurturing:new_piece"), full).status_code == 422
    assert Piece.objects.count() == 0


def test_saved_published_edited_undone_retired_and_back(hour, mira):
    client = client_of(mira)
    page = reverse("nurturing:piece", args=[hour.pk])
    client.post(page, posted(hour, subject="Vad kostar en timmes stopp?"))
    done = client.post(reverse("nurturing:publish_piece", args=[hour.pk]), follow=True).content.decode()
    assert "is live" in done
    hour.refresh_from_db()
    assert hour.mail and hour.mail.subject == "Vad kostar en timmes stopp?"
    client.post(page, posted(hour, body="Ny text"))
    assert "edited, not published" in client.get(page).content.decode()
    client.post(reverse("nurturing:undo_publish_piece", args=[hour.pk]))
    hour.refresh_from_db()
    assert hour.mail is None
    client.post(reverse("nurturing:publish_piece", args=[hour.pk]))
    client.post(reverse("nurturing:retire_piece", args=[hour.pk]))
    assert Piece.objects.live().count() == 0
    client.post(reverse("nurturing:bring_back_piece", args=[hour.pk]))
    assert Piece.objects.live().count() == 1


def test_a_broken_piece_is_not_published(hour, mira):
    Piece.objects.update(body="a\n\n{{ contact.password }}")
    answer = client_of(mira).post(reverse("nurturing:publish_piece", args=[hour.pk]))
    assert answer.status_code == 422 and "line 3" in answer.content.decode()
    hour.refresh_from_db()
    assert hour.mail is None


def test_the_later_of_two_is_told(hour, mira, ada):
    page = reverse("nurturing:piece", args=[hour.pk])
    mine, theirs = posted(hour, body="Miras"), posted(hour, body="Adas")
    client_of(mira).post(page, mine)
    answer = client_of(ada).post(page, theirs)
    text = answer.content.decode()
    assert answer.status_code == 409 and "Mira changed this" in text and "Adas" in text
    hour.refresh_from_db()
    assert hour.body == "Miras"


def test_a_bad_field_is_refused(hour, mira):
    answer = client_of(mira).post(
        reverse("nurturing:piece", args=[hour.pk]), posted(hour, title="", body="Kvar")
    )
    assert answer.status_code == 422 and "Kvar" in answer.content.decode()


def test_the_list_filters_and_asks_the_same_for_one_and_for_three(mira, topic, now):
    client, address = client_of(mira), reverse("nurturing:library")
    written(mira, topic, now)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    written(mira, topic, now, title="Två", level="bofu")
    written(mira, topic, now, title="Tre", language="nb")
    with CaptureQueriesContext(connection) as three:
        page = client.get(address)
    assert len(three) == len(one)
    assert page.content.count(b"row-title") == 3
    for query, count in (
        ({"level": "bofu"}, 1),
        ({"language": "nb"}, 1),
        ({"state": "live"}, 0),
        ({"level": "x"}, 3),
    ):
        assert client.get(address, query).content.count(b"row-title") == count


def test_sales_reads_and_the_frame_shows_the_mail(hour, sam, anna):
    client = client_of(sam)
    assert client.get(reverse("nurturing:library")).status_code == 200
    page = client.get(reverse("nurturing:piece", args=[hour.pk])).content.decode()
    assert "<textarea" not in page and "Hej Anna" in page
    frame = client.get(reverse("nurturing:piece_frame", args=[hour.pk]), {"person": anna.pk})
    assert "Hej Anna" in frame.content.decode() and "default-src 'none'" in frame["Content-Security-Policy"]
