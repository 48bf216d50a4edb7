"""The pace of sending in the browser: who sees it, who changes it, and what it says."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts import clock
from contacts.models import AuditEvent, Contact
from nurturing.models import Breaker, MailHost, Send, SendLimit, WarmUp
from nurturing.sending import outcome, pace, words
from silo.models import User
from silo.queries import health
from tests.cast import NOW, client_of
from tests.nurturing import posting

pytestmark = pytest.mark.django_db

PAGE = "/sending/pace/"
PLAN = {"domain": "nordvik.example", "first": "20", "factor": "2", "step": "0", "until": "5000"}
GMAIL = {"name": "Gmail", "domains": "gmail.com\ngooglemail.com", "minute": "60", "hour": "", "day": ""}


def text(client: Client, address: str = PAGE) -> str:
    with clock.at(NOW):
        answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def breaker(**fields: Any) -> Breaker:
    fields = {
        "receiver": "big.example",
        "name": "big.example",
        "kind": "blocked",
        "opened_at": NOW,
        "because": "550 5.7.1 blocked",
        "troubles": 6,
        "seen": 8,
        "pause_minutes": 15,
        "retry_at": NOW + timedelta(minutes=15),
    } | fields
    return Breaker.objects.create(**fields)


def waits(contact: Contact, reason: str, until: Any) -> None:
    (row,) = posting.due(contact, of=posting.piece(posting.published()), sandbox=False)
    Send.objects.filter(pk=row.pk).update(sandbox=False, reason=reason, not_before=until)


class TestLooking:
    def test_a_marketer_sees_everything_and_can_change_nothing(self, mira: User) -> None:
        sender, shut = posting.sender(), breaker()
        page = text(client_of(mira))
        assert "big.example is left alone" in page and "60 a minute" in page
        assert "Try now" not in page and "Add a house" not in page and "Warm up" not in page
        client = client_of(mira)
        for name, args in (
            ("sender_limits", [sender.pk]),
            ("new_mail_host", []),
            ("new_warm_up", []),
            ("try_receiver", [shut.pk]),
            ("hold_receiver", [shut.pk]),
        ):
            assert client.post(reverse(f"nurturing:{name}", args=args), GMAIL | PLAN).status_code == 403
        shut.refresh_from_db()
        assert shut.held_at is None and not WarmUp.objects.exists()

    def test_a_salesperson_does_not(self, sam: User) -> None:
        assert client_of(sam).get(PAGE).status_code == 403
        assert Client().get(PAGE).status_code == 302

    def test_it_says_how_many_wait_and_until_when(self, anna: Contact, ada: User) -> None:
        sender = posting.sender()
        SendLimit.objects.create(sender=sender, period="hour", most=5, counts=pace.empty("hour"))
        waits(anna, f"limit_sender:{sender.name}", NOW + timedelta(minutes=30))
        page = text(client_of(ada))
        assert "5 an hour, 5 free" in page and "1 mail waits, until today" in page

    def test_every_answer_of_a_server_is_told_in_words(self, mira: User) -> None:
        page = text(client_of(mira))
        assert "What happens after a refusal" in page and "There is no such mailbox." in page
        assert all(reason in words.REASONS for _code, reason, _then in outcome.table())

    def test_the_questions_do_not_grow_with_the_rows(
        self, ada: User, django_assert_max_num_queries: Any
    ) -> None:
        posting.sender()
        for number in range(12):
            breaker(receiver=f"b{number}.example", name=f"b{number}.example")
        client = client_of(ada)
        with django_assert_max_num_queries(22):
            client.get(PAGE)


class TestWarmUp:
    def test_it_says_what_the_plan_means_today(self, anna: Contact, ada: User) -> None:
        posting.sender()
        client = client_of(ada)
        with clock.at(NOW):
            client.post("/sending/pace/warm-up/new/", PLAN)
        plan = WarmUp.objects.get()
        for day, most in ((3, 20), (2, 40), (1, 80)):
            date = (NOW - timedelta(days=day)).date()
            SendLimit.objects.create(warm_up=plan, period="warm_up", day=date, most=most, counts=[most])
        SendLimit.objects.create(warm_up=plan, period="warm_up", day=NOW.date(), most=160, counts=[40])
        waits(anna, "warm_up:nordvik.example", NOW + timedelta(days=1))
        page = text(client)
        assert "Day 4 of warm-up: 120 of 160 mails may still leave today; 1 waits until tomorrow" in page
        assert page.count("<rect") == 12  # eight days, of which four hold mails
        assert "Warm up nordvik.example" not in page
        assert "Day 4 of warm-up" in text(client, "/sending/")

    def test_a_changed_curve_holds_for_today_at_once(self, ada: User) -> None:
        client = client_of(ada)
        client.post("/sending/pace/warm-up/new/", PLAN)
        plan = WarmUp.objects.get()
        today = SendLimit.objects.create(
            warm_up=plan, period="warm_up", day=NOW.date(), most=20, counts=[7], tail_at=NOW
        )
        with clock.at(NOW):
            client.post(f"/sending/pace/warm-up/{plan.pk}/", {**PLAN, "first": "50"})
        today.refresh_from_db()
        assert (today.most, today.counts, today.tail_at) == (50, [7], None)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("domain", "not a domain"),
            ("domain", ""),
            ("first", "0"),
            ("first", "-3"),
            ("factor", "0.5"),
            ("factor", "nan"),
            ("factor", "1"),  # and no step: it would never grow
            ("step", "-1"),
            ("until", "99999999999"),
        ],
    )
    def test_a_curve_that_is_none_is_refused_beside_its_field(
        self, ada: User, field: str, value: str
    ) -> None:
        answer = client_of(ada).post("/sending/pace/warm-up/new/", {**PLAN, field: value})
        assert answer.status_code == 422 and answer.context["form"].errors
        assert not WarmUp.objects.exists()

    def test_one_plan_for_one_domain(self, ada: User) -> None:
        client = client_of(ada)
        assert client.post("/sending/pace/warm-up/new/", PLAN).status_code == 302
        again = client.post("/sending/pace/warm-up/new/", {**PLAN, "domain": "@Nordvik.example"})
        assert again.status_code == 422 and "domain" in again.context["form"].errors
        assert WarmUp.objects.count() == 1

    def test_ended_and_taken_up_again_where_it_was(self, anna: Contact, ada: User) -> None:
        client = client_of(ada)
        client.post("/sending/pace/warm-up/new/", PLAN)
        plan = WarmUp.objects.get()
        waits(anna, "warm_up:nordvik.example", NOW + timedelta(days=1))
        with clock.at(NOW):
            page = client.post(f"/sending/pace/warm-up/{plan.pk}/end/", follow=True).content.decode()
        assert f"/sending/pace/warm-up/{plan.pk}/resume/" in page
        assert Send.objects.get().not_before == NOW
        client.post(f"/sending/pace/warm-up/{plan.pk}/end/")
        client.post(f"/sending/pace/warm-up/{plan.pk}/resume/")
        client.post(f"/sending/pace/warm-up/{plan.pk}/resume/")
        plan.refresh_from_db()
        assert plan.ended_at is None
        verbs = AuditEvent.objects.filter(object_type="WarmUp").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["warm_up.began", "warm_up.ended", "warm_up.resumed"]


class TestLimits:
    def test_set_changed_and_taken_away(self, ada: User) -> None:
        sender = posting.sender()
        client, address = client_of(ada), f"/sending/pace/senders/{sender.pk}/"
        client.post(address, {"minute": "10", "hour": "", "day": "500"})
        SendLimit.objects.filter(sender=sender, period="minute").update(counts=[0] * 12 + [4])
        client.post(address, {"minute": "20", "hour": "100", "day": ""})
        kept = dict(SendLimit.objects.filter(sender=sender).values_list("period", "most"))
        assert kept == {"minute": 20, "hour": 100}
        assert sum(SendLimit.objects.get(sender=sender, period="minute").counts) == 4
        client.post(address, {"minute": "20", "hour": "100", "day": ""})
        assert AuditEvent.objects.filter(verb="limits.changed").count() == 2  # the third changed nothing

    @pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "99999999999"])
    def test_a_limit_that_is_none_is_refused(self, ada: User, value: str) -> None:
        sender = posting.sender()
        answer = client_of(ada).post(f"/sending/pace/senders/{sender.pk}/", {"minute": value})
        assert answer.status_code == 422 and not SendLimit.objects.filter(sender=sender).exists()

    def test_a_house_is_made_and_changed(self, ada: User) -> None:
        client = client_of(ada)
        client.post(
            "/sending/pace/hosts/new/",
            {**GMAIL, "name": " Loopia ", "domains": "@Loopia.se, loopia.com loopia.se"},
        )
        house = MailHost.objects.get(name="Loopia")
        assert house.domains == ["loopia.se", "loopia.com"]
        client.post(
            f"/sending/pace/hosts/{house.pk}/", {"name": "Loopia", "domains": "loopia.se", "day": "9"}
        )
        house.refresh_from_db()
        assert house.domains == ["loopia.se"]
        assert list(house.limits.values_list("period", "most")) == [("day", 9)]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": "Other"}, "domains"),  # gmail.com belongs to Gmail
            ({"domains": "loopia.se"}, "name"),
            ({"name": "Other", "domains": "no domain"}, "domains"),
            ({"name": "Other", "domains": ""}, "domains"),
            ({"name": "", "domains": "loopia.se"}, "name"),
        ],
    )
    def test_a_domain_has_one_house_and_a_house_one_name(
        self, ada: User, change: dict[str, str], field: str
    ) -> None:
        before = MailHost.objects.count()
        answer = client_of(ada).post("/sending/pace/hosts/new/", {**GMAIL, **change})
        assert answer.status_code == 422 and field in answer.context["form"].errors
        assert MailHost.objects.count() == before


class TestLeftAlone:
    def test_a_person_tries_or_holds(self, anna: Contact, ada: User) -> None:
        shut, client = breaker(), client_of(ada)
        waits(anna, "receiver_waits:big.example", NOW + timedelta(hours=1))
        page = text(client)
        assert "big.example refused 6 of 8 mails within an hour, because of us." in page
        assert "550 5.7.1 blocked" in page and "1 mail waits." in page
        with clock.at(NOW):
            client.post(f"{PAGE}receivers/{shut.pk}/hold/")
            client.post(f"{PAGE}receivers/{shut.pk}/hold/")
        page = text(client)
        assert "holds them since" in page and "Keep holding" not in page
        with clock.at(NOW):
            client.post(f"{PAGE}receivers/{shut.pk}/try/")
        shut.refresh_from_db()
        assert (shut.held_at, shut.retry_at) == (None, NOW)
        assert Send.objects.get().not_before == NOW

    def test_it_is_told_on_every_page_and_on_health(
        self, anna: Contact, ada: User, mira: User, sam: User
    ) -> None:
        posting.live()
        breaker()
        assert "Mails to big.example wait" in text(client_of(mira), "/")
        assert "Mails to big.example wait" not in text(client_of(sam), "/")
        assert "big.example is left alone" in text(client_of(ada), "/sending/")
        found = next(one for one in health.of(now=NOW).lines if one.name == "receiver")
        assert found.state == health.WATCH
        assert "refused 6 of 8 mails" in found.words and "550 5.7.1 blocked" in found.words

    def test_what_is_closed_is_no_notice(self, ada: User) -> None:
        posting.live()
        breaker(closed_at=NOW)
        assert "big.example" not in text(client_of(ada))
        assert "big.example" not in text(client_of(ada), "/sending/")
