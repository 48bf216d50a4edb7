"""The pages of a sequence: each write view climbs the same ladder; the frame of a preview can do nothing."""

from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts import bulk
from contacts.models import BulkChange, ImportBatch, ImportRow
from contacts.services import bulk_change
from nurturing.models import Enrollment, SandboxMail, Sender, Sequence, SequenceVersion, Step
from nurturing.services import enrollment, sequence, standing
from tests import cast
from tests.cast import client_of

pytestmark = pytest.mark.django_db

BODY = "Hej {{ contact.first_name }}, [läs](https://nordvik.example/)"


@pytest.fixture
def webinar(mira, now) -> Sequence:
    made: Sequence = sequence.make(name="Webinar, no demo yet", by=mira, now=now)
    for subject in ("Tack", "Så gjorde Fjordmek"):
        sequence.add_step(sequence_id=made.pk, by=mira, now=now, subject=subject, body=BODY)
    return made


@pytest.fixture
def live(webinar, mira, now) -> Sequence:
    sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    return Sequence.objects.get(pk=webinar.pk)


def first(of: Sequence) -> Step:
    return Step.objects.filter(version__sequence=of).order_by("-version_id", "position")[0]


def words(step: Step, **changes: object) -> dict[str, object]:
    """What the form of a step posts."""
    said = {
        name: getattr(step, name)
        for name in ("subject", "preheader", "body", "wait", "days", "level", "language")
    }
    return said | {"topic": "", "seen": sequence.fingerprint(step)} | changes


# name, arguments from (sequence, step key), what is posted
WRITES = [
    ("describe_sequence", lambda s, k: [s.pk], {"name": "Nytt", "priority": 1, "waits_at_most_days": 9}),
    ("publish", lambda s, k: [s.pk], {}),
    ("undo_publish", lambda s, k: [s.pk], {}),
    ("discard", lambda s, k: [s.pk], {}),
    ("add_step", lambda s, k: [s.pk], {}),
    ("put_back", lambda s, k: [s.pk], {}),
    ("step", lambda s, k: [s.pk, k], {}),
    ("move_step", lambda s, k: [s.pk, k], {"by_places": "1"}),
    ("remove_step", lambda s, k: [s.pk, k], {}),
    ("try_step", lambda s, k: [s.pk, k], {}),
]
ONLY_POST = {"undo_publish", "discard", "add_step", "put_back", "move_step", "remove_step", "try_step"}


@pytest.mark.parametrize(("name", "arguments", "posted"), WRITES, ids=[write[0] for write in WRITES])
def test_a_salesperson_cannot_write(webinar, sam, name, arguments, posted):
    before = list(Step.objects.values()), list(Sequence.objects.values())
    answer = client_of(sam).post(
        reverse(f"nurturing:{name}", args=arguments(webinar, first(webinar).key)), posted
    )
    assert answer.status_code == 403
    assert (list(Step.objects.values()), list(Sequence.objects.values())) == before


@pytest.mark.parametrize(("name", "arguments", "posted"), WRITES, ids=[write[0] for write in WRITES])
def test_a_stranger_is_sent_to_the_login(webinar, name, arguments, posted):
    answer = client_of(None).post(
        reverse(f"nurturing:{name}", args=arguments(webinar, first(webinar).key)), posted
    )
    assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.mark.parametrize(("name", "arguments", "posted"), WRITES, ids=[write[0] for write in WRITES])
def test_what_is_not_there_is_404(webinar, mira, name, arguments, posted):
    webinar.pk = 987654321
    step = {**words(Step(body="x", subject="x", days=1, wait="days", level="tofu", language="sv")), **posted}
    answer = client_of(mira).post(reverse(f"nurturing:{name}", args=arguments(webinar, "nokey")), step)
    assert answer.status_code == 404


@pytest.mark.parametrize("name", sorted(ONLY_POST))
def test_a_get_changes_nothing(webinar, mira, name):
    arguments = next(write[1] for write in WRITES if write[0] == name)
    answer = client_of(mira).get(reverse(f"nurturing:{name}", args=arguments(webinar, first(webinar).key)))
    assert answer.status_code == 405


def test_a_step_of_another_sequence_is_404(webinar, mira, now):
    other = sequence.make(name="Annan", by=mira, now=now)
    key = sequence.add_step(sequence_id=other.pk, by=mira, now=now).key
    client = client_of(mira)
    for name in ("step", "step_frame"):
        assert client.get(reverse(f"nurturing:{name}", args=[webinar.pk, key])).status_code == 404
    for name in ("move_step", "remove_step", "try_step"):
        address = reverse(f"nurturing:{name}", args=[webinar.pk, key])
        assert client.post(address, {"by_places": "1"}).status_code == 404


def test_a_sequence_is_made(mira, now):
    posted = {"name": "Onboarding", "purpose": "Köpte nyss", "priority": 60, "waits_at_most_days": 30,
              "stops_when": ["replied"]}  # fmt: skip
    answer = client_of(mira).post(reverse("nurturing:new_sequence"), posted)
    made = Sequence.objects.get()
    assert answer["Location"] == reverse("nurturing:sequence", args=[made.pk])
    assert (made.name, made.stops_when, made.waits_at_most_days, made.made_by) == (
        "Onboarding",
        ["replied"],
        30,
        mira,
    )


@pytest.mark.parametrize(
    ("posted", "said"),
    [({"name": ""}, "required"), ({"name": "Webinar, no demo yet"}, "already"), ({"name": "x", "priority": "åtta"}, "number"),
     ({"name": "x", "stops_when": ["never"]}, "never")],
)  # fmt: skip
def test_a_bad_new_sequence_is_said_on_the_form(webinar, mira, posted, said):
    full = {"priority": 50, "waits_at_most_days": 90} | posted
    answer = client_of(mira).post(reverse("nurturing:new_sequence"), full)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert Sequence.objects.count() == 1


def test_pages_can_be_read_by_sales(live, sam, anna):
    client = client_of(sam)
    for address in (
        reverse("nurturing:sequences"),
        reverse("nurturing:sequence", args=[live.pk]),
        reverse("nurturing:step", args=[live.pk, first(live).key]),
    ):
        page = client.get(address)
        assert page.status_code == 200
        text = page.content.decode()
        assert "Webinar, no demo yet" in text
        assert "<textarea" not in text and "Add a mail" not in text


def test_saving_a_step(webinar, mira):
    step = first(webinar)
    address = reverse("nurturing:step", args=[webinar.pk, step.key])
    answer = client_of(mira).post(address, words(step, subject="Tack för i dag", days=3, wait="rhythm"))
    assert answer.status_code == 302
    step.refresh_from_db()
    assert (step.subject, step.days, step.wait) == ("Tack för i dag", 3, "rhythm")


def test_line_ends_of_a_browser_are_no_change(webinar, mira):
    step = first(webinar)
    Step.objects.filter(pk=step.pk).update(body="a\nb")
    step.refresh_from_db()
    address = reverse("nurturing:step", args=[webinar.pk, step.key])
    client_of(mira).post(address, words(step, body="a\r\nb"))
    version = SequenceVersion.objects.get(sequence=webinar, number=None)
    revision = version.revision
    client_of(mira).post(address, words(step, body="a\r\nb"))
    version.refresh_from_db()
    assert version.revision == revision
    step.refresh_from_db()
    assert step.body == "a\nb"


def test_a_broken_mail_is_saved_and_named_with_its_line(webinar, mira):
    step = first(webinar)
    address = reverse("nurturing:step", args=[webinar.pk, step.key])
    posted = words(step, body="Hej\n\n{{ contact.password }}")
    page = client_of(mira).post(address, posted, headers={"HX-Request": "true"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Line 3" in text and "contact.password" in text
    step.refresh_from_db()
    assert "password" in step.body


@pytest.mark.parametrize(
    "change", [{"days": "-1"}, {"days": "x"}, {"level": "zofu"}, {"language": "xx"}, {"subject": "x" * 301}]
)
def test_a_bad_field_is_refused_and_the_text_stays_in_the_form(webinar, mira, change):
    step = first(webinar)
    address = reverse("nurturing:step", args=[webinar.pk, step.key])
    page = client_of(mira).post(address, words(step, body="Min långa text") | change)
    assert page.status_code == 422
    assert "Min långa text" in page.content.decode()
    step.refresh_from_db()
    assert step.body == BODY


def test_the_later_of_two_is_told_and_keeps_the_text(webinar, mira, ada):
    step = first(webinar)
    address = reverse("nurturing:step", args=[webinar.pk, step.key])
    mine, theirs = words(step, body="Miras text"), words(step, body="Adas text")
    client_of(mira).post(address, mine)
    page = client_of(ada).post(address, theirs)
    assert page.status_code == 409
    text = page.content.decode()
    assert "Miras text" in text and "Adas text" in text and "Mira changed this" in text
    step.refresh_from_db()
    assert step.body == "Miras text"
    client_of(ada).post(address, theirs | {"overwrite": sequence.fingerprint(step)})
    step.refresh_from_db()
    assert step.body == "Adas text"


def test_steps_are_added_moved_taken_out_and_put_back(webinar, mira):
    client = client_of(mira)
    client.post(reverse("nurturing:add_step", args=[webinar.pk]))
    draft = SequenceVersion.objects.get(sequence=webinar, number=None)
    one, two, three = [step.key for step in draft.steps.order_by("position")]
    client.post(reverse("nurturing:move_step", args=[webinar.pk, three]), {"by_places": "-1"})
    assert [step.key for step in draft.steps.order_by("position")] == [one, three, two]
    client.post(reverse("nurturing:remove_step", args=[webinar.pk, three]))
    assert [step.key for step in draft.steps.order_by("position")] == [one, two]
    client.post(reverse("nurturing:put_back", args=[webinar.pk]))
    assert [step.key for step in draft.steps.order_by("position")] == [one, three, two]
    again = client.post(reverse("nurturing:put_back", args=[webinar.pk]), follow=True)
    assert "nothing to put back" in again.content.decode()


def test_a_move_out_of_bounds_is_a_bad_request(webinar, mira):
    address = reverse("nurturing:move_step", args=[webinar.pk, first(webinar).key])
    assert client_of(mira).post(address, {"by_places": "99"}).status_code == 400


def test_publishing_says_first_what_will_happen(live, mira, anna, now):
    enrollment.start(contact_ids=[anna.pk], sequence_id=live.pk, by=mira, source="test", now=now)
    step = first(live)
    client = client_of(mira)
    client.post(reverse("nurturing:step", args=[live.pk, step.key]), words(step, subject="Tack så mycket"))
    page = client.get(reverse("nurturing:publish", args=[live.pk])).content.decode()
    assert "1 person in it goes on with “Tack så mycket”." in page
    assert "Publish v2" in page
    done = client.post(reverse("nurturing:publish", args=[live.pk]), follow=True).content.decode()
    assert "v2 is live" in done and "1 person in it goes on" in done
    assert reverse("nurturing:undo_publish", args=[live.pk]) in done
    client.post(reverse("nurturing:undo_publish", args=[live.pk]))
    live.refresh_from_db()
    assert live.live_version and live.live_version.number == 1


def test_a_broken_sequence_is_not_published(webinar, mira):
    Step.objects.filter(pk=first(webinar).pk).update(body="{% for i in (1..99999999) %}x{% endfor %}")
    page = client_of(mira).post(reverse("nurturing:publish", args=[webinar.pk]))
    assert page.status_code == 422
    assert "Step 1" in page.content.decode() and "stopped" in page.content.decode()
    webinar.refresh_from_db()
    assert webinar.live_version is None


def test_nothing_to_publish_discard_or_undo_is_said(mira, now):
    empty = sequence.make(name="Tom", by=mira, now=now)
    client = client_of(mira)
    assert client.post(reverse("nurturing:publish", args=[empty.pk])).status_code == 422
    assert (
        "nothing is live yet"
        in client.post(reverse("nurturing:discard", args=[empty.pk]), follow=True).content.decode()
    )
    assert (
        "Nothing is live"
        in client.post(reverse("nurturing:undo_publish", args=[empty.pk]), follow=True).content.decode()
    )


def test_settings_count_at_once(live, mira):
    posted = {
        "name": "Webinarium",
        "purpose": "",
        "priority": 70,
        "waits_at_most_days": 10,
        "stops_when": ["met"],
    }
    client_of(mira).post(reverse("nurturing:describe_sequence", args=[live.pk]), posted)
    live.refresh_from_db()
    assert (live.name, live.priority, live.stops_when) == ("Webinarium", 70, ["met"])


# The preview


def test_a_preview_shows_the_person_and_holes_in_red(webinar, mira, anna):
    address = reverse("nurturing:step", args=[webinar.pk, first(webinar).key])
    client = client_of(mira)
    assert "Hej Anna" in client.get(f"{address}?person={anna.pk}").content.decode()
    awkward = client.get(f"{address}?person=no-first-name").content.decode()
    assert 'class="missing"' in awkward and "contact.first_name" in awkward


@pytest.mark.parametrize(
    "person", ["", "long-name", "html", "no-company", "999999999", "x", "-1", "9" * 40, "sample"]
)
def test_any_person_can_be_asked_for(webinar, mira, person):
    step = first(webinar)
    client = client_of(mira)
    assert (
        client.get(reverse("nurturing:step", args=[webinar.pk, step.key]), {"person": person}).status_code
        == 200
    )
    frame = client.get(reverse("nurturing:step_frame", args=[webinar.pk, step.key]), {"person": person})
    assert frame.status_code == 200
    assert b"<img src=x" not in frame.content and b"<b>Anna" not in frame.content


def test_the_frame_can_do_nothing(webinar, mira):
    frame = client_of(mira).get(reverse("nurturing:step_frame", args=[webinar.pk, first(webinar).key]))
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy
    assert "form-action 'none'" in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


def test_arrows_go_through_everyone(webinar, mira, anna, dana):
    address = reverse("nurturing:step", args=[webinar.pk, first(webinar).key])
    client = client_of(mira)
    code, seen = str(anna.pk), []
    for _ in range(6):
        seen.append(code)
        code = client.get(address, {"person": code}).context["person"].next
    assert seen == [str(anna.pk), str(dana.pk), "no-first-name", "long-name", "html", "no-company"]
    assert code == str(anna.pk)


def test_a_preview_says_when(live, mira, anna, now):
    address = reverse("nurturing:step", args=[live.pk, first(live).key])
    page = client_of(mira).get(address, {"person": anna.pk})
    assert page.context["moment"].hypothetical and page.context["moment"].zone == "Oslo"
    enrollment.start(contact_ids=[anna.pk], sequence_id=live.pk, by=mira, source="test", now=now)
    page = client_of(mira).get(address, {"person": anna.pk})
    assert page.context["moment"].at and not page.context["moment"].hypothetical


def test_a_preview_says_why_somebody_would_not_get_it(live, mira, chen):
    address = reverse("nurturing:step", args=[live.pk, first(live).key])
    page = client_of(mira).get(address, {"person": chen.pk})
    assert page.context["moment"].at is None and page.context["moment_words"]


def test_a_test_mail_to_oneself(webinar, mira, now):
    Sender.objects.create(
        name="Nordvik", email="hej@nordvik.example", company="Nordvik AB", postal_address="Gatan 1",
        org_number="556677-8899", is_default=True, made_at=now, changed_at=now,
    )  # fmt: skip
    address = reverse("nurturing:try_step", args=[webinar.pk, first(webinar).key])
    page = client_of(mira).post(address, {"person": "sample"}, follow=True)
    assert SandboxMail.objects.get().to == mira.email
    assert mira.email in page.content.decode()


def test_a_test_mail_without_a_sender_or_with_errors_is_refused_in_words(webinar, mira):
    step = first(webinar)
    address = reverse("nurturing:try_step", args=[webinar.pk, step.key])
    assert "no sender" in client_of(mira).post(address, follow=True).content.decode()
    Step.objects.filter(pk=step.pk).update(body="{{ contact.password }}")
    assert "cannot be sent" in client_of(mira).post(address, follow=True).content.decode()
    assert SandboxMail.objects.count() == 0


# Lists ask a constant number of statements


def _statements(client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_list_asks_the_same_for_one_and_for_three(live, mira, now):
    client, address = client_of(mira), reverse("nurturing:sequences")
    client.get(address)
    one = _statements(client, address)
    for number in range(2):
        made = sequence.make(name=f"Nr {number}", by=mira, now=now)
        sequence.add_step(sequence_id=made.pk, by=mira, now=now, subject="Hej", body=BODY)
        sequence.publish(sequence_id=made.pk, by=mira, now=now)
    assert _statements(client, address) == one
    assert client.get(address).content.count(b"row-title") == 3


def test_the_timeline_asks_the_same_for_one_step_and_for_three(mira, anna, now):
    client, counted = client_of(mira), []
    for count in (1, 3):
        made = sequence.make(name=f"{count} mail", by=mira, now=now)
        for number in range(count):
            sequence.add_step(sequence_id=made.pk, by=mira, now=now, subject=f"Nr {number}", body=BODY)
        sequence.publish(sequence_id=made.pk, by=mira, now=now)
        enrollment.start(contact_ids=[anna.pk], sequence_id=made.pk, by=mira, source="test", now=now)
        enrollment.stop(contact_ids=[anna.pk], reason="by_hand", now=now)
        address = reverse("nurturing:sequence", args=[made.pk])
        assert client.get(address).content.count(b"step-title") == count
        counted.append(_statements(client, address))
    assert counted[0] == counted[1]


# Bringing people in


def test_people_are_brought_in_and_taken_out_again(live, mira, anna, dana):
    client = client_of(mira)
    asked = client.get(reverse("nurturing:enroll"), {"contact": [anna.pk, dana.pk]}).content.decode()
    assert "2 people are meant" in asked and "Anna Lind" in asked
    posted = {"contact": [anna.pk, dana.pk], "sequence": live.pk}
    done = client.post(reverse("nurturing:enroll"), posted, follow=True).content.decode()
    assert "2 people are in “Webinar, no demo yet” now." in done
    assert Enrollment.objects.active().count() == 2
    batch = Enrollment.objects.values_list("batch_id", flat=True).distinct().get()
    undone = client.post(reverse("nurturing:undo_enroll", args=[batch]), follow=True).content.decode()
    assert "2 people are out again" in undone
    assert Enrollment.objects.active().count() == 0
    assert (
        "nobody to take out"
        in client.post(reverse("nurturing:undo_enroll", args=[batch]), follow=True).content.decode()
    )


def test_a_salesperson_may_bring_one_in_and_comes_back(live, sam, anna):
    posted = {"contact": anna.pk, "sequence": live.pk, "next": anna.get_absolute_url()}
    answer = client_of(sam).post(reverse("nurturing:enroll"), posted)
    assert answer["Location"] == anna.get_absolute_url()
    assert Enrollment.objects.get().by == sam


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_way_back_is_our_own(live, mira, anna, next_page):
    posted = {"contact": anna.pk, "sequence": live.pk, "next": next_page}
    answer = client_of(mira).post(reverse("nurturing:enroll"), posted)
    assert answer["Location"] == reverse("nurturing:sequence", args=[live.pk])


def test_stopped_people_stay_out_and_that_is_said(live, mira, chen, now):
    standing.recompute([chen.pk], now=now)
    asked = client_of(mira).get(reverse("nurturing:enroll"), {"ids": chen.pk}).content.decode()
    assert "1 must not be written to and stays out" in asked
    done = client_of(mira).post(
        reverse("nurturing:enroll"), {"contact": chen.pk, "sequence": live.pk}, follow=True
    )
    assert "must not be written to" in done.content.decode()
    assert Enrollment.objects.count() == 0


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"contact": "abc"},
        {"contact": "1;DROP"},
        {"contact": "1", "sequence": "999999"},
        {"contact": "1"},
    ],
)
def test_a_bad_bringing_in_is_refused(live, mira, posted):
    chosen = {} if posted == {"contact": "1"} else {"sequence": live.pk}
    answer = client_of(mira).post(reverse("nurturing:enroll"), chosen | posted)
    assert answer.status_code == 422
    assert Enrollment.objects.count() == 0


def test_people_without_a_ground_are_named_before(mira, live):
    olav = cast.contact(ground="none")
    asked = client_of(mira).get(reverse("nurturing:enroll"), {"ids": olav.pk}).content.decode()
    assert "1 may get no mail as things are" in asked


def test_everyone_new_in_an_import_can_be_brought_in(live, mira, anna, dana, now):
    batch = ImportBatch.objects.create(name="lista.csv", sha256="0" * 64, size=1, created_at=now)
    for number, (person, verdict) in enumerate(((anna, "new"), (dana, "changed")), start=1):
        ImportRow.objects.create(
            batch=batch, number=number, line=number, raw=[], verdict=verdict, contact=person
        )
    asked = client_of(mira).get(reverse("nurturing:enroll"), {"batch": batch.pk}, follow=True)
    address, query = asked.redirect_chain[0][0].split("?")
    assert address == reverse("contacts:change_many", args=["enroll"]), (
        "in the background, like all changes to many"
    )
    assert "lista.csv" in asked.content.decode()
    posted = dict(parse_qsl(query)) | {"do-sequence": live.pk}
    client_of(mira).post(address, posted)
    change = BulkChange.objects.get()
    bulk_change.run(change_id=change.pk, clock=lambda: now)
    assert list(Enrollment.objects.values_list("contact_id", flat=True)) == [anna.pk]


def test_only_who_brought_people_in_or_a_marketer_takes_them_out_again(live, mira, sam, anna):
    client_of(mira).post(reverse("nurturing:enroll"), {"contact": anna.pk, "sequence": live.pk})
    batch = Enrollment.objects.values_list("batch_id", flat=True).get()
    undo = reverse("nurturing:undo_enroll", args=[batch])
    assert client_of(sam).post(undo).status_code == 403
    assert Enrollment.objects.active().count() == 1
    assert client_of(mira).post(undo).status_code == 302
    assert Enrollment.objects.active().count() == 0


def test_an_unpublished_sequence_cannot_be_chosen(webinar, mira, anna):
    answer = client_of(mira).post(reverse("nurturing:enroll"), {"contact": anna.pk, "sequence": webinar.pk})
    assert answer.status_code == 422


def test_strangers_and_gets_bring_nobody_in(live, anna, mira):
    assert client_of(None).post(reverse("nurturing:enroll"), {"contact": anna.pk}).status_code == 302
    assert (
        client_of(cast.colleague("Nobody"))
        .post(reverse("nurturing:enroll"), {"contact": anna.pk})
        .status_code
        == 403
    )
    client_of(mira).get(reverse("nurturing:enroll"), {"contact": anna.pk, "sequence": live.pk})
    assert client_of(mira).get(reverse("nurturing:undo_enroll", args=[1])).status_code == 405
    assert Enrollment.objects.count() == 0


def test_people_chosen_in_the_list_and_whole_imports_are_offered_the_way_in(mira):
    offered = {action.name: action for action in bulk.actions_for(mira, batch=True)}
    assert str(offered["enroll"].url) == reverse("nurturing:enroll")
