"""The outbox and its mails: who may look, what they see, and the two choices over an unknown one."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from contacts.models import AuditEvent, Contact
from nurturing.models import SandboxMail, Send, Sender
from nurturing.sending import tokens
from nurturing.services import delivery, trial
from silo.models import User
from tests import cast
from tests.cast import NOW, client_of
from tests.nurturing import posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(anna: Contact) -> Send:
    posting.sender()
    (send,) = posting.due(anna, of=posting.piece(posting.published()))
    delivery.deliver_due(now=NOW, worker="test")
    send.refresh_from_db()
    return send


@pytest.fixture
def lost(sent: Send) -> Send:
    Send.objects.filter(pk=sent.pk).update(state=Send.State.UNKNOWN, reason="no_answer")
    sent.refresh_from_db()
    return sent


def test_the_outbox_shows_each_mail_with_its_state_and_the_equation(sent: Send, mira: User) -> None:
    page = client_of(mira).get(reverse("nurturing:outbox"))
    said = page.content.decode()
    assert page.status_code == 200
    assert "Så gjorde Fjordmek" in said and "to Anna Lind" in said and "kept in the sandbox" in said
    assert "1 due" in said and "1 sent" in said and "not accounted for" not in said


def test_the_outbox_is_filtered_and_paged(anna: Contact, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [cast.contact("Liv", f"Moe{number}") for number in range(60)]
    posting.due(*people, of=posting.piece(posting.published()))
    client = client_of(mira)
    first = client.get(reverse("nurturing:outbox"), {"state": "waiting"})
    older = first.context["older"]
    second = client.get(older)

    assert [len(page.context["rows"]) for page in (first, second)] == [50, 10]
    assert second.context["older"] == ""
    assert client.get(reverse("nurturing:outbox"), {"state": "failed"}).context["rows"] == []
    assert client.get(reverse("nurturing:outbox"), {"state": "nonsense"}).status_code == 404
    assert client.get(reverse("nurturing:outbox"), {"before": "9" * 40, "contact": "x"}).status_code == 200


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(
    mira: User, django_assert_max_num_queries: Any
) -> None:
    piece = posting.piece(posting.published())
    client = client_of(mira)
    for people in (1, 3):
        posting.due(*[cast.contact("Liv", f"Moe{people}{number}") for number in range(people)], of=piece)
        with django_assert_max_num_queries(15):
            client.get(reverse("nurturing:outbox"))


def test_a_salesperson_reads_one_mail_but_not_the_outbox(sent: Send, sam: User) -> None:
    client = client_of(sam)
    assert client.get(reverse("nurturing:outbox")).status_code == 403
    assert client.get(reverse("nurturing:mail", args=[sent.pk])).status_code == 200


@pytest.mark.parametrize("name", ["outbox", "sending", "go_live"])
def test_a_stranger_is_sent_to_the_login(name: str) -> None:
    answer = client_of(None).get(reverse(f"nurturing:{name}"))
    assert answer.status_code == 302 and "login" in answer["Location"]


def test_a_mail_is_shown_as_it_was_kept(sent: Send, mira: User) -> None:
    page = client_of(mira).get(reverse("nurturing:mail", args=[sent.pk])).content.decode()
    assert "Hej Anna!" in page and "List-Unsubscribe" in page
    assert reverse("nurturing:mail_frame", args=[sent.pk]) in page


def test_the_frame_runs_nothing_and_looking_is_no_click(sent: Send, mira: User) -> None:
    frame = client_of(mira).get(reverse("nurturing:mail_frame", args=[sent.pk]))
    html = frame.content.decode()
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy
    assert "https://nordvik.example/fjordmek?a=1" in html
    assert "/c/" not in html and "/t/" not in html and "/u/" not in html


def test_the_bytes_can_be_downloaded(sent: Send, mira: User) -> None:
    answer = client_of(mira).get(reverse("nurturing:mail_raw", args=[sent.pk]))
    assert answer["Content-Type"] == "message/rfc822"
    assert "attachment" in answer["Content-Disposition"]
    assert answer.content == bytes(SandboxMail.objects.get(send=sent).raw)


def test_a_mail_that_really_left_is_made_again_from_its_version_and_values(sent: Send, mira: User) -> None:
    SandboxMail.objects.all().delete()
    Contact.objects.filter(pk=sent.contact_id).update(first_name="Renamed")
    page = client_of(mira).get(reverse("nurturing:mail", args=[sent.pk]))
    shown = page.context["mail"]
    assert shown.how == "made_again"
    assert "Hej Anna!" in shown.text and "Renamed" not in shown.text
    assert tokens.read_message_id(dict(shown.headers)["Message-ID"]) == sent.pk


def test_a_mail_to_come_is_shown_as_it_would_look(anna: Contact, mira: User) -> None:
    posting.sender()
    (send,) = posting.due(anna, of=posting.piece(posting.published()), not_before=NOW + timedelta(days=1))
    page = client_of(mira).get(reverse("nurturing:mail", args=[send.pk]))
    assert "As it would look now" in page.content.decode() and "Hej Anna!" in page.content.decode()


def test_after_an_erasure_the_page_says_so(sent: Send, mira: User) -> None:
    SandboxMail.objects.all().delete()
    Send.objects.update(address="")
    page = client_of(mira).get(reverse("nurturing:mail", args=[sent.pk]))
    assert page.status_code == 200 and "The text of this mail is gone" in page.content.decode()


def test_html_in_a_name_stays_words(mira: User) -> None:
    posting.sender()
    evil = cast.contact("<script>alert(1)</script>", "Lind", email="e@fjordmek.example")
    (send,) = posting.due(evil, of=posting.piece(posting.published()))
    delivery.deliver_due(now=NOW, worker="test")
    client = client_of(mira)
    for name in ("mail", "mail_frame"):
        assert (
            "<script>alert" not in client.get(reverse(f"nurturing:{name}", args=[send.pk])).content.decode()
        )


def test_a_test_mail_kept_here_can_be_read(mira: User) -> None:
    posting.sender()
    trial.send(to="mira@ours.example", now=NOW)
    kept = SandboxMail.objects.get(send=None)
    client = client_of(mira)
    assert "Testmejl" in client.get(reverse("nurturing:outbox")).content.decode()
    for name in ("test_mail", "test_mail_frame", "test_mail_raw"):
        assert client.get(reverse(f"nurturing:{name}", args=[kept.pk])).status_code == 200
        assert client.get(reverse(f"nurturing:{name}", args=[kept.pk + 1])).status_code == 404


class TestUnknown:
    """Works · other role 403 · no such mail 404 · not unknown any more · GET refused."""

    def test_both_choices_and_what_they_mean_are_on_the_page(self, lost: Send, ada: User) -> None:
        page = client_of(ada).get(reverse("nurturing:mail", args=[lost.pk])).content.decode()
        assert "They get nothing more of this mail" in page and "they get it twice" in page
        assert (
            "Nobody can know"
            in client_of(ada).get(reverse("nurturing:outbox"), {"state": "unknown"}).content.decode()
        )

    def test_counted_as_sent_it_stays_and_is_no_longer_asked_about(self, lost: Send, ada: User) -> None:
        client_of(ada).post(reverse("nurturing:count_as_sent", args=[lost.pk]))
        lost.refresh_from_db()
        assert (lost.state, lost.reason) == (Send.State.UNKNOWN, "counted_as_sent")
        assert not Send.objects.unknown().exists()
        assert delivery.deliver_due(now=NOW, worker="test").claimed == 0
        assert AuditEvent.objects.get(verb="send.counted_as_sent").by == ada

    def test_sent_again_it_waits_and_leaves_once(self, lost: Send, ada: User) -> None:
        Send.objects.update(reason="no_answer")
        SandboxMail.objects.all().delete()
        client_of(ada).post(reverse("nurturing:send_again", args=[lost.pk]))
        lost.refresh_from_db()
        assert (lost.state, lost.reason, lost.finished_at) == (Send.State.PLANNED, "sent_again", None)
        posting.open_always()
        assert delivery.deliver_due(now=lost.not_before, worker="test").accepted == 1
        assert SandboxMail.objects.count() == 1

    @pytest.mark.parametrize("name", ["count_as_sent", "send_again"])
    def test_only_an_admin_decides_and_only_once(
        self, lost: Send, ada: User, mira: User, sam: User, name: str
    ) -> None:
        address = reverse(f"nurturing:{name}", args=[lost.pk])
        assert client_of(mira).post(address).status_code == 403
        assert client_of(sam).post(address).status_code == 403
        assert client_of(ada).get(address).status_code == 405
        assert client_of(ada).post(reverse(f"nurturing:{name}", args=[lost.pk + 99])).status_code == 404
        client_of(ada).post(address)
        again = client_of(ada).post(address, follow=True)
        assert "nothing was changed" in again.content.decode()
        assert AuditEvent.objects.filter(verb__startswith="send.").count() == 1


def test_a_sender_is_needed_before_anything_can_be_shown(anna: Contact, mira: User) -> None:
    Sender.objects.all().delete()
    (send,) = posting.due(anna, of=posting.piece(posting.published()))
    assert client_of(mira).get(reverse("nurturing:mail", args=[send.pk])).status_code == 200
