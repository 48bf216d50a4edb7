"""What a person does, or a colleague to their card."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from contacts.services import contact as contacts
from contacts.services import ground, suppression
from nurturing.models import Enrollment
from nurturing.queries import receipts
from nurturing.services import evidence, pause, preference, reminder, rhythm
from tests.nurturing import mailing
from tests.sales import stage
from tests.silo.deeds.scene import Scene


def changed(name: str, value: object, who: str = "berit") -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        contacts.update(contact_id=getattr(s, who).pk, now=s.now, by=s.sam, **{name: value})

    act.__name__ = f"{who}_gets_{name}_{value}"
    return act


def address_of_an_opted_out(s: Scene) -> None:
    suppression.stop(
        address="gone@x.example", channel="mail", reason="unsubscribed", source="test", now=s.now
    )
    contacts.update(contact_id=s.anna.pk, now=s.now, by=s.sam, email="gone@x.example")
    assert not Enrollment.objects.filter(contact=s.anna, ended_at=None).exists()


def address_of_an_opted_out_without_phone(s: Scene) -> None:
    suppression.stop(
        address="gone@x.example", channel="mail", reason="unsubscribed", source="test", now=s.now
    )
    contacts.update(contact_id=s.berit.pk, now=s.now, by=s.sam, email="gone@x.example")


def away_from_an_opted_out_address(s: Scene) -> None:
    preference.stop(contact_id=s.frida.pk, send_id=s.mail_to(s.frida).pk, how="link", now=s.now)
    contacts.update(contact_id=s.frida.pk, now=s.now, by=s.sam, email="new@x.example")


def added(s: Scene) -> None:
    contacts.add(now=s.now, by=s.sam, email="new@x.example", ground="consent", ground_source="said so")


def ground_taken(s: Scene) -> None:
    ground.keep(contact_id=s.berit.pk, ground="none", now=s.now, by=s.mira)


def stopped(who: str, channel: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        person = getattr(s, who)
        suppression.stop_person(contact_id=person.pk, channel=channel, source="test", by=s.sam, now=s.now)

    act.__name__ = f"{who}_stopped_for_{channel}"
    return act


def stopped_and_lifted(s: Scene) -> None:
    made = suppression.stop_person(contact_id=s.anna.pk, channel="all", source="test", by=s.sam, now=s.now)
    suppression.lift_for(contact_id=s.anna.pk, suppression_ids=[one.pk for one in made], by=s.sam, now=s.now)


def domain_stopped(s: Scene) -> None:
    suppression.stop(
        address="@fjordmek.example", channel="all", reason="not_interested", source="test", now=s.now
    )


def unsubscribed(who: str) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        preference.stop(contact_id=getattr(s, who).pk, send_id=0, how="one-click", now=s.now)

    act.__name__ = f"{who}_unsubscribed"
    return act


def unsubscribed_and_back(s: Scene) -> None:
    mail = s.mail_to(s.frida)
    preference.stop(contact_id=s.frida.pk, send_id=mail.pk, how="link", now=s.now)
    preference.resume(contact_id=s.frida.pk, send_id=mail.pk, now=s.now)
    assert receipts.degrees(s.frida.pk, now=s.now) > 1


def hot_unsubscribed_and_back(s: Scene) -> None:
    preference.stop(contact_id=s.anna.pk, send_id=0, how="link", now=s.now)
    preference.resume(contact_id=s.anna.pk, send_id=0, now=s.now)
    assert receipts.degrees(s.anna.pk, now=s.now) > 70


def bounced_without_phone(s: Scene) -> None:
    s.events(s.berit, "bounced", send_id=s.mail_to(s.berit).pk, detail={"hard": True})


def hot_bounced_without_phone(s: Scene) -> None:
    stage.make_hot(s.berit, s.now)
    bounced_without_phone(s)


def replied_then_stopped(s: Scene) -> None:
    s.events(s.berit, "replied", what="Call me")
    preference.stop(contact_id=s.berit.pk, send_id=0, how="one-click", now=s.now)


def stopped_then_replied(s: Scene) -> None:
    preference.stop(contact_id=s.berit.pk, send_id=0, how="one-click", now=s.now)
    s.events(s.berit, "replied", what="Call me after all")


def event(who: str, kind: str, **more: object) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        s.events(getattr(s, who), kind, **more)

    act.__name__ = f"{who}_{kind}"
    return act


def clicks_by_hand_then_a_trap(s: Scene) -> None:
    mail = s.mail_to(s.frida)
    for number in range(3):
        mailing.press(mail, at=s.now - timedelta(minutes=30 - number * 7), number=number)
    evidence.grade(now=s.now - timedelta(minutes=1))
    mailing.press(mail, at=s.now - timedelta(seconds=30), kind="trap")
    evidence.grade(now=s.now)


def scanner(s: Scene) -> None:
    mail = s.mail_to(s.frida)
    for number in range(4):
        mailing.press(mail, at=s.now, number=number, address=mailing.SCANNER_ROOM)
    evidence.grade(now=s.now + timedelta(seconds=11))


def wants_september(s: Scene) -> None:
    preference.september(contact_id=s.berit.pk, send_id=0, zone=ZoneInfo("Europe/Oslo"), now=s.now)


def wants_less(s: Scene) -> None:
    preference.less_often(contact_id=s.frida.pk, send_id=0, choice=preference.Choice.QUARTERLY, now=s.now)


def asks_for_a_call(s: Scene) -> None:
    preference.call_me(contact_id=s.berit.pk, send_id=0, phone="070-1", note="now", now=s.now)


def silence_over(s: Scene) -> None:
    ended = pause.end(contact_id=s.erik.pk, now=s.now)
    assert ended
    pause.again(contact_id=s.erik.pk, pause_id=ended.pk, by=s.sam, now=s.now)
    pause.end(contact_id=s.erik.pk, now=s.now)


def a_date(s: Scene) -> None:
    made = reminder.remind(
        contact_id=s.frida.pk, at=s.now + timedelta(days=3), kind="ripe", because="then", by=s.sam, now=s.now
    )
    reminder.remind(contact_id=s.berit.pk, at=s.now, kind="call_back", because="now", by=s.sam, now=s.now)
    reminder.take_back(reminder_id=made.pk, now=s.now)


def rhythm_by_hand(s: Scene) -> None:
    rhythm.set_by_hand(contact_id=s.frida.pk, days=20, by=s.sam, now=s.now)
    rhythm.undo_by_hand(contact_id=s.frida.pk, by=s.sam, now=s.now)
