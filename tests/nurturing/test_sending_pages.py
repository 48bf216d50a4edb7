"""The set-up of sending, the switch, the test mail and going live."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from contacts import keys
from contacts.models import AuditEvent, Contact
from nurturing.models import Enrollment, GoLive, SandboxMail, Send, Sender, SendingHold, Sequence
from nurturing.queries import live
from nurturing.sending import providers, transport
from nurturing.services import live as going
from silo.models import User
from tests.cast import NOW, client_of
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

pytestmark = pytest.mark.django_db

SENDER = {
    "name": "Åsa på Nordvik",
    "email": "asa@nordvik.example",
    "language": "sv",
    "company": "Nordvik Underhåll AB",
    "postal_address": "Kajgatan 1, 411 01 Göteborg",
    "org_number": "556000-0000",
    "window": "10",
}
SMTP = {
    **SENDER,
    "way_host": "smtp.nordvik.example",
    "way_port": "587",
    "way_security": "starttls",
    "way_username": "asa",
    "secret": "hemligt lösen",
}
PAGE = "/sending/"


@pytest.mark.parametrize("name", ["sending", "go_live"])
def test_only_admins_see_the_set_up(name: str, ada: User, mira: User, sam: User) -> None:
    address = reverse(f"nurturing:{name}")
    assert client_of(ada).get(address).status_code == 200
    assert client_of(mira).get(address).status_code == 403
    assert client_of(sam).get(address).status_code == 403


@pytest.mark.parametrize("name", ["try_sending", "stop_sending", "release_sending"])
def test_the_buttons_are_for_admins_and_for_post(name: str, ada: User, mira: User) -> None:
    address = reverse(f"nurturing:{name}")
    assert client_of(mira).post(address).status_code == 403
    assert client_of(ada).get(address).status_code == 405


def test_the_first_sender_is_the_default_and_what_is_missing_is_named(ada: User) -> None:
    client = client_of(ada)
    assert "the organisation number" in client.get(PAGE).content.decode()
    assert client.post(PAGE + "?transport=sandbox", {**SENDER, "org_number": ""}).status_code == 302

    sender = Sender.objects.get()
    assert sender.is_default and sender.transport == "sandbox" and not sender.footer_is_complete
    page = client.get(PAGE).content.decode()
    assert "the organisation number" in page and "it is still the sandbox" in page


def test_a_secret_is_encrypted_never_shown_and_kept_when_left_empty(ada: User) -> None:
    client = client_of(ada)
    client.post(PAGE + "?transport=smtp", SMTP)
    sender = Sender.objects.get()
    assert "hemligt" not in sender.secret and keys.decrypt(sender.secret) == "hemligt lösen"
    assert sender.transport_settings == {
        "host": "smtp.nordvik.example",
        "port": 587,
        "security": "starttls",
        "username": "asa",
    }
    page = client.get(PAGE).content.decode()
    assert "hemligt" not in page and sender.secret not in page and "Leave this empty to keep it" in page

    client.post(PAGE, {**SMTP, "secret": "", "name": "Åsa"})
    sender.refresh_from_db()
    assert sender.name == "Åsa" and keys.decrypt(sender.secret) == "hemligt lösen"
    assert "hemligt" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_a_secret_never_follows_to_another_server(ada: User) -> None:
    client = client_of(ada)
    client.post(PAGE + "?transport=smtp", SMTP)
    client.post(PAGE, {**SMTP, "secret": "", "way_host": "smtp.elsewhere.example"})
    assert Sender.objects.get().secret == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("window", "0"),
        ("window", "101"),
        ("way_host", "http://smtp.example/"),
        ("way_port", "70000"),
        ("name", ""),
        ("website", "javascript:alert(1)"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_nothing_is_saved(
    ada: User, field: str, value: str
) -> None:
    answer = client_of(ada).post(PAGE + "?transport=smtp", {**SMTP, field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Sender.objects.exists()


def test_a_provider_asks_for_its_own_settings(ada: User) -> None:
    client = client_of(ada)
    page = client.get(PAGE + "?transport=scaleway").content.decode()
    assert "Project id" in page and "Secret key" in page and "way_host" not in page
    assert client.post(PAGE + "?transport=scaleway", SENDER).status_code == 422
    client.post(PAGE + "?transport=scaleway", {**SENDER, "way_project_id": "p-1", "secret": "s"})
    sender = Sender.objects.get()
    assert sender.transport_settings == {"project_id": "p-1"} and keys.decrypt(sender.secret) == "s"


def test_a_sender_that_is_not_there_is_404(ada: User) -> None:
    assert client_of(ada).get(PAGE + "?sender=999").status_code == 404


class TestTestMail:
    @pytest.fixture
    def office(self) -> Iterator[PostOffice]:
        with post_office.opened() as office:
            yield office

    def test_in_the_sandbox_it_is_kept(self, ada: User) -> None:
        posting.sender()
        page = client_of(ada).post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"}, follow=True)
        assert "is in the outbox" in page.content.decode()
        assert SandboxMail.objects.get().to == "ada@ours.example"

    def test_through_the_mail_server_also_before_the_silo_is_live(
        self, ada: User, office: PostOffice
    ) -> None:
        posting.smtp_sender(office.port)
        page = client_of(ada).post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"}, follow=True)
        assert "took the test mail" in page.content.decode()
        assert office.recipients == ["ada@ours.example"]
        assert b"Nordvik" in office.mails[0][1] and b"List-Unsubscribe" in office.mails[0][1]
        assert not Send.objects.exists()

    def test_what_the_server_says_is_shown(self, ada: User, office: PostOffice) -> None:
        posting.smtp_sender(office.port)
        office.at_rcpt["ada@ours.example"] = "550 5.7.1 not from here"
        page = client_of(ada).post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"}, follow=True)
        assert "not from here" in page.content.decode()

    def test_it_shows_on_the_page_whether_the_way_out_is_open(self, ada: User, office: PostOffice) -> None:
        posting.smtp_sender(office.port)
        client = client_of(ada)
        office.at_mail = "535 5.7.8 bad credentials"
        page = client.post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"}, follow=True)
        assert "asks for a user name and a password, and none is set" in page.content.decode()
        assert "The way out is shut since" in client.get(PAGE).content.decode()
        office.at_mail = ""
        client.post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"})
        assert "The way out is shut since" not in client.get(PAGE).content.decode()

    def test_not_without_the_footer(self, ada: User, office: PostOffice) -> None:
        posting.smtp_sender(office.port, postal_address="")
        page = client_of(ada).post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"}, follow=True)
        assert "a postal address" in page.content.decode()
        assert office.mails == []

    def test_in_the_demo_it_never_leaves(self, ada: User, office: PostOffice, settings: Any) -> None:
        settings.SILO_DEMO = True
        posting.smtp_sender(office.port)
        client_of(ada).post(reverse("nurturing:try_sending"), {"to": "ada@ours.example"})
        assert office.mails == [] and SandboxMail.objects.count() == 1


class TestSwitch:
    def test_a_reason_is_asked_for(self, ada: User) -> None:
        page = client_of(ada).post(reverse("nurturing:stop_sending"), {"because": " "}, follow=True)
        assert "Say why" in page.content.decode()
        assert not SendingHold.objects.exists()

    def test_stop_twice_and_start_again(self, ada: User) -> None:
        client = client_of(ada)
        for because in ("wrong text", "another reason"):
            client.post(reverse("nurturing:stop_sending"), {"because": because})
        hold = SendingHold.objects.get()
        assert (hold.because, hold.by, hold.released_at) == ("wrong text", ada, None)
        assert "wrong text" in client.get("/outbox/").content.decode()

        client.post(reverse("nurturing:release_sending"))
        hold.refresh_from_db()
        assert hold.released_at is not None and hold.released_by == ada
        client.post(reverse("nurturing:release_sending"))
        verbs = AuditEvent.objects.filter(object_type="SendingHold").order_by("pk")
        assert [one.verb for one in verbs] == ["sending.stopped", "sending.released"]


class TestGoingLive:
    def ready(self) -> Sender:
        return posting.sender(transport="smtp", transport_settings={"host": "smtp.nordvik.example"})

    def test_the_page_names_what_happens_in_numbers(self, anna: Contact, ada: User) -> None:
        self.ready()
        posting.due(anna, of=posting.piece(posting.published()))
        page = client_of(ada).get(reverse("nurturing:go_live")).content.decode()
        assert "1 person is in the silo" in page and "1 mail that waits in the sandbox is skipped" in page
        assert "cannot be undone" in page

    def test_sandbox_mail_is_no_history_once_live(self, anna: Contact, ada: User) -> None:
        self.ready()
        piece = posting.piece(posting.published())
        (old,) = posting.due(anna, of=piece)
        sequence = Sequence.objects.create(name="S", made_at=NOW)
        enrollment = Enrollment.objects.create(
            contact=anna,
            sequence=sequence,
            entered_at=NOW,
            started_at=NOW,
            expires_at=NOW + timedelta(days=90),
            last_step_key="first",
            last_step_at=NOW,
        )
        client_of(ada).post(reverse("nurturing:go_live"))

        old.refresh_from_db()
        enrollment.refresh_from_db()
        assert live.is_live() and (old.state, old.reason) == (Send.State.SKIPPED, "went_live")
        assert (enrollment.last_step_key, enrollment.last_step_at) == ("", None)
        (new,) = posting.due(anna, of=piece, sandbox=False)
        assert new.dedupe_key == old.dedupe_key and not new.sandbox
        client_of(ada).post(reverse("nurturing:go_live"))
        assert GoLive.objects.count() == 1

    def test_not_while_something_is_missing(self, ada: User) -> None:
        posting.sender(transport="smtp", transport_settings={"host": "smtp.nordvik.example"}, company="")
        page = client_of(ada).post(reverse("nurturing:go_live"))
        assert "the company" in page.content.decode()
        assert not live.is_live()

    def test_the_demo_never_goes_live(self, ada: User, settings: Any) -> None:
        settings.SILO_DEMO = True
        self.ready()
        page = client_of(ada).post(reverse("nurturing:go_live"))
        assert "never sends a real mail" in page.content.decode()
        assert not GoLive.objects.exists()
        with pytest.raises(going.OnlyADemo):
            going.go(by=ada, now=NOW)

    def test_only_by_an_admin(self, mira: User) -> None:
        self.ready()
        assert client_of(mira).post(reverse("nurturing:go_live")).status_code == 403
        assert not GoLive.objects.exists()


class TestTheServersName:
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.1.2.3", "0x7f000001", "::ffff:10.0.0.1"])
    def test_one_inside_our_own_network_is_refused_unless_the_admin_says_so(
        self, ada: User, host: str
    ) -> None:
        answer = client_of(ada).post(PAGE + "?transport=smtp", {**SMTP, "way_host": host})
        assert answer.status_code == 422 and not Sender.objects.exists()
        assert "way_host" in answer.context["form"].errors

    def test_the_admin_may_say_so_and_the_log_knows(self, ada: User) -> None:
        given = {**SMTP, "way_host": "localhost", "way_security": "none", "inside_allowed": "on"}
        assert client_of(ada).post(PAGE + "?transport=smtp", given).status_code == 302
        assert Sender.objects.get().inside_allowed
        assert "inside_allowed" in AuditEvent.objects.get(verb="sender.added").detail["fields"]

    def test_without_encryption_only_inside(self, ada: User) -> None:
        answer = client_of(ada).post(PAGE + "?transport=smtp", {**SMTP, "way_security": "none"})
        assert "way_security" in answer.context["form"].errors

    @pytest.mark.parametrize(
        "url",
        [
            "http://api.nordvik.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://user@localhost/",
            "https://api.nordvik.example@10.0.0.1/",
            "ftp://api.nordvik.example/",
            "api.nordvik.example",
            "https://x:99999/",
            "https://[",
        ],
    )
    def test_the_address_of_an_api_leads_outside_with_encryption(self, ada: User, url: str) -> None:
        given = {**SENDER, "way_api_url": url, "secret": "k"}
        answer = client_of(ada).post(PAGE + "?transport=postal", given)
        assert answer.status_code == 422 and "way_api_url" in answer.context["form"].errors

    @pytest.mark.parametrize("field", ["way_username", "way_host", "name", "org_number", "secret"])
    def test_a_line_break_is_refused(self, ada: User, field: str) -> None:
        given = {**SMTP, field: "a\r\nRCPT TO:<all@evil.example>"}
        answer = client_of(ada).post(PAGE + "?transport=smtp", given)
        assert answer.status_code == 422 and not Sender.objects.exists()


class TestAmazon:
    """Through its SMTP door."""

    def test_the_region_is_enough_to_find_it(self, ada: User) -> None:
        given = {**SENDER, "way_region": "eu-north-1", "way_username": "AKIA", "secret": "s"}
        assert client_of(ada).post(PAGE + "?transport=amazon_ses", given).status_code == 302
        sender = Sender.objects.get()
        assert providers.missing(sender) == [] and transport.takes_wire(sender)
        where = providers.server(sender.transport, sender.transport_settings)
        assert (where["host"], where["port"], where["security"]) == (
            "email-smtp.eu-north-1.amazonaws.com",
            587,
            "starttls",
        )
        page = client_of(ada).get(PAGE).content.decode()
        assert "Amazon SES" in page and "eu-north-1" in page

    @pytest.mark.parametrize(
        "region",
        [
            "",
            "evil.example/",
            "eu-north-1.evil.example",
            "EU",
            "eu-north-1@x",
            "evil.example#eu-north-1",
            "eu-north-1\n",
        ],
    )
    def test_a_region_is_no_way_to_name_another_server(self, ada: User, region: str) -> None:
        given = {**SENDER, "way_region": region, "way_username": "AKIA", "secret": "s"}
        answer = client_of(ada).post(PAGE + "?transport=amazon_ses", given)
        sender = Sender.objects.first()
        assert answer.status_code == 422 or (sender and sender.transport_settings["region"] == "eu-north-1")

    def test_what_is_missing_is_named(self, ada: User) -> None:
        sender = posting.sender(transport="amazon_ses", transport_settings={"region": "eu-north-1"})
        assert [str(one) for one in providers.missing(sender)] == ["SMTP user name", "SMTP password"]


def test_where_answers_and_bounces_go_is_set_on_the_page(ada: User) -> None:
    given = {
        **SENDER,
        "reply_to": "svar@nordvik.example",
        "bounces_to": "studs@nordvik.example",
        "plus_addresses": "on",
        "answers_to_owner": "on",
    }
    client_of(ada).post(PAGE + "?transport=sandbox", given)
    sender = Sender.objects.get()
    assert (sender.reply_to, sender.bounces_to) == ("svar@nordvik.example", "studs@nordvik.example")
    assert sender.plus_addresses and sender.answers_to_owner and not sender.inside_allowed
    assert client_of(ada).post(PAGE, {**given, "bounces_to": "a@b\nBcc: c@d"}).status_code == 422


def test_a_trouble_is_forgotten_when_the_set_up_changes(ada: User) -> None:
    sender = posting.sender(trouble="login", trouble_reply="535 no", trouble_since=NOW)
    page = client_of(ada).get(PAGE).content.decode()
    assert "The way out is shut since" in page and "535 no" in page
    client_of(ada).post(PAGE + "?transport=sandbox", SENDER)
    sender.refresh_from_db()
    assert (sender.trouble, sender.trouble_reply, sender.trouble_since) == ("", "", None)
