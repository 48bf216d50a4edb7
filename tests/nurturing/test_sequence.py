"""The draft, what is live, and the way back."""

from datetime import timedelta

import pytest

from contacts.models import AuditEvent
from nurturing.content.compiling import Compiled
from nurturing.models import Enrollment, MailVersion, Sequence, SequenceVersion, Step
from nurturing.services import enrollment, sequence

pytestmark = pytest.mark.django_db

BODY = "Hej {{ contact.first_name }}, [läs](https://nordvik.example/)"


@pytest.fixture
def webinar(mira, now) -> Sequence:
    made = sequence.make(name="Webinar, no demo yet", by=mira, now=now)
    for subject in ("Tack", "Så gjorde Fjordmek", "Ska vi visa dig?"):
        sequence.add_step(sequence_id=made.pk, by=mira, now=now, subject=subject, body=BODY)
    return made


def subjects(version: SequenceVersion | None) -> list[str]:
    assert version is not None
    return [step.subject for step in version.steps.order_by("position")]


def draft(of: Sequence) -> SequenceVersion | None:
    return SequenceVersion.objects.filter(sequence=of, number=None).first()


def keys(of: Sequence) -> list[str]:
    version = draft(of)
    assert version
    return [step.key for step in version.steps.order_by("position")]


def test_a_new_sequence_is_a_draft_with_steps_in_order(webinar):
    assert webinar.live_version is None
    assert subjects(draft(webinar)) == ["Tack", "Så gjorde Fjordmek", "Ska vi visa dig?"]
    assert [step.days for step in Step.objects.order_by("position")] == [0, 7, 7]
    assert len(set(keys(webinar))) == 3


def test_two_sequences_cannot_have_one_name(webinar, mira, now):
    with pytest.raises(sequence.NameTaken, match="Webinar, no demo yet"):
        sequence.make(name="Webinar, no demo yet", by=mira, now=now)


def test_publishing_compiles_each_step_and_numbers_the_version(webinar, mira, now):
    published = sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    webinar.refresh_from_db()
    assert webinar.live_version == published.version
    assert (published.version.number, published.steps, published.people) == (1, 3, 0)
    assert draft(webinar) is None
    for step in published.version.steps.select_related("mail"):
        assert step.mail and Compiled.from_json(step.mail.compiled).links[0].url == "https://nordvik.example/"
    assert AuditEvent.objects.filter(verb="sequence.published", object_id=webinar.pk, by=mira).exists()


def test_an_edit_after_publication_makes_a_draft_and_leaves_what_is_live(webinar, mira, now):
    live = sequence.publish(sequence_id=webinar.pk, by=mira, now=now).version
    first = live.steps.get(position=0)
    seen = sequence.fingerprint(first)
    sequence.edit_step(
        sequence_id=webinar.pk, step_key=first.key, seen=seen, by=mira, now=now, subject="Tack så mycket"
    )
    assert subjects(live) == ["Tack", "Så gjorde Fjordmek", "Ska vi visa dig?"]
    assert subjects(draft(webinar))[0] == "Tack så mycket"


def test_unchanged_words_keep_their_compiled_mail_and_key(webinar, mira, now):
    first = sequence.publish(sequence_id=webinar.pk, by=mira, now=now).version
    step = first.steps.get(position=1)
    sequence.edit_step(
        sequence_id=webinar.pk,
        step_key=step.key,
        seen=sequence.fingerprint(step),
        by=mira,
        now=now,
        body="Ny text",
    )
    second = sequence.publish(sequence_id=webinar.pk, by=mira, now=now).version
    assert second.number == 2
    before, after = (list(v.steps.order_by("position").values_list("key", "mail")) for v in (first, second))
    assert [key for key, _ in before] == [key for key, _ in after]
    assert [old == new for (_, old), (_, new) in zip(before, after, strict=True)] == [True, False, True]
    assert MailVersion.objects.count() == 4


def test_the_later_of_two_authors_is_told_and_nothing_is_written(webinar, mira, ada, now):
    step = Step.objects.get(position=0)
    seen = sequence.fingerprint(step)
    edit = {"sequence_id": webinar.pk, "step_key": step.key, "now": now}
    sequence.edit_step(**edit, seen=seen, by=mira, subject="Miras")
    with pytest.raises(sequence.EditedMeanwhile) as caught:
        sequence.edit_step(**edit, seen=seen, by=ada, subject="Adas")
    assert caught.value.step.subject == "Miras"
    assert Step.objects.get(position=0).subject == "Miras"
    sequence.edit_step(**edit, seen=sequence.fingerprint(caught.value.step), by=ada, subject="Adas")
    assert Step.objects.get(position=0).subject == "Adas"


def test_two_authors_at_two_steps_do_not_meet(webinar, mira, ada, now):
    first, second, _third = Step.objects.order_by("position")
    seen = sequence.fingerprint(second)
    sequence.edit_step(
        sequence_id=webinar.pk,
        step_key=first.key,
        seen=sequence.fingerprint(first),
        by=mira,
        now=now,
        subject="A",
    )
    sequence.edit_step(sequence_id=webinar.pk, step_key=second.key, seen=seen, by=ada, now=now, subject="B")
    assert subjects(draft(webinar))[:2] == ["A", "B"]


def test_saving_the_same_words_again_is_no_conflict(webinar, mira, ada, now):
    step = Step.objects.get(position=0)
    seen = sequence.fingerprint(step)
    edit = {"sequence_id": webinar.pk, "step_key": step.key, "seen": seen, "now": now, "subject": "Samma"}
    sequence.edit_step(**edit, by=mira)
    sequence.edit_step(**edit, by=ada)
    assert Step.objects.get(position=0).subject == "Samma"


def test_steps_move_and_keep_their_keys(webinar, mira, now):
    first, second, third = keys(webinar)
    sequence.move_step(sequence_id=webinar.pk, step_key=third, by_places=-2, by=mira, now=now)
    assert keys(webinar) == [third, first, second]
    sequence.move_step(sequence_id=webinar.pk, step_key=third, by_places=99, by=mira, now=now)
    assert keys(webinar) == [first, second, third]


def test_a_removed_step_can_be_put_back_where_it_was(webinar, mira, now):
    before = keys(webinar)
    kept = sequence.remove_step(sequence_id=webinar.pk, step_key=before[1], by=mira, now=now)
    assert keys(webinar) == [before[0], before[2]]
    sequence.add_step(sequence_id=webinar.pk, by=mira, now=now, **kept)
    assert keys(webinar) == before
    assert subjects(draft(webinar))[1] == "Så gjorde Fjordmek"


def test_publishing_refuses_with_every_reason_at_once(webinar, mira, now):
    first, second, _ = Step.objects.order_by("position")
    Step.objects.filter(pk=first.pk).update(body="Hej\n{{ contact.password }}")
    Step.objects.filter(pk=second.pk).update(subject="")
    with pytest.raises(sequence.NotReady) as caught:
        sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    assert [key for key, _ in caught.value.reasons] == [first.key, second.key]
    assert (
        "Step 1" in str(caught.value)
        and "line 2" in str(caught.value)
        and "contact.password" in str(caught.value)
    )
    assert draft(webinar) is not None and MailVersion.objects.count() == 0
    webinar.refresh_from_db()
    assert webinar.live_version is None


def test_an_empty_or_unchanged_sequence_is_not_published(mira, now):
    made = sequence.make(name="Tom", by=mira, now=now)
    with pytest.raises(sequence.NotReady):
        sequence.publish(sequence_id=made.pk, by=mira, now=now)
    step = sequence.add_step(sequence_id=made.pk, by=mira, now=now, subject="Hej", body=BODY)
    sequence.publish(sequence_id=made.pk, by=mira, now=now)
    with pytest.raises(sequence.NotReady, match="Nothing has changed"):
        sequence.publish(sequence_id=made.pk, by=mira, now=now)
    sequence.remove_step(sequence_id=made.pk, step_key=step.key, by=mira, now=now)
    with pytest.raises(sequence.NotReady, match="at least one step"):
        sequence.publish(sequence_id=made.pk, by=mira, now=now)


def test_undoing_a_publication_puts_the_version_before_back_and_keeps_the_words(webinar, mira, now):
    first = sequence.publish(sequence_id=webinar.pk, by=mira, now=now).version
    step = first.steps.get(position=0)
    sequence.edit_step(
        sequence_id=webinar.pk,
        step_key=step.key,
        seen=sequence.fingerprint(step),
        by=mira,
        now=now,
        subject="Nytt",
    )
    sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    assert sequence.undo_publish(sequence_id=webinar.pk, by=mira, now=now) == first
    webinar.refresh_from_db()
    assert webinar.live_version == first
    assert subjects(draft(webinar))[0] == "Nytt"
    assert sequence.publish(sequence_id=webinar.pk, by=mira, now=now).version.number == 3


def test_undoing_the_first_publication_leaves_nothing_live(webinar, mira, now):
    sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    assert sequence.undo_publish(sequence_id=webinar.pk, by=mira, now=now) is None
    webinar.refresh_from_db()
    assert webinar.live_version is None
    assert subjects(draft(webinar)) == ["Tack", "Så gjorde Fjordmek", "Ska vi visa dig?"]
    with pytest.raises(sequence.NothingToUndo):
        sequence.undo_publish(sequence_id=webinar.pk, by=mira, now=now)


def test_a_discarded_draft_leaves_what_is_live(webinar, mira, now):
    with pytest.raises(sequence.NothingToUndo):
        sequence.discard(sequence_id=webinar.pk, by=mira, now=now)
    live = sequence.publish(sequence_id=webinar.pk, by=mira, now=now).version
    sequence.add_step(sequence_id=webinar.pk, by=mira, now=now, subject="Fyra")
    sequence.discard(sequence_id=webinar.pk, by=mira, now=now)
    assert draft(webinar) is None
    assert len(subjects(live)) == 3


def test_people_inside_follow_what_is_live(webinar, mira, anna, now):
    sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=mira, source="test", now=now)
    anna.standing.refresh_from_db()
    before = anna.standing.next_at
    step = Step.objects.filter(version__number=1).get(position=0)
    sequence.edit_step(
        sequence_id=webinar.pk, step_key=step.key, seen=sequence.fingerprint(step), by=mira, now=now, days=30
    )
    anna.standing.refresh_from_db()
    assert anna.standing.next_at == before, "a draft moves nobody"
    published = sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    assert published.people == 1
    anna.standing.refresh_from_db()
    assert anna.standing.next_at > before + timedelta(days=20)
    assert Enrollment.objects.get(contact=anna).ended_at is None


def test_description_counts_at_once_and_is_audited(webinar, mira, now):
    sequence.describe(sequence_id=webinar.pk, by=mira, now=now, name="Webinarium", stops_when=["replied"])
    webinar.refresh_from_db()
    assert (webinar.name, webinar.stops_when) == ("Webinarium", ["replied"])
    assert AuditEvent.objects.get(verb="sequence.described").detail == {"fields": ["name", "stops_when"]}
    other = sequence.make(name="Annan", by=mira, now=now)
    with pytest.raises(sequence.NameTaken):
        sequence.describe(sequence_id=other.pk, by=mira, now=now, name="Webinarium")
