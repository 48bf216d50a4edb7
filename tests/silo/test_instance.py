"""A copy of a silo notices that it is one."""

from datetime import datetime

import pytest

from nurturing.queries import live
from nurturing.services import hold
from silo.models import Instance
from silo.services import instance

pytestmark = pytest.mark.django_db


def test_a_new_silo_writes_down_where_it_lives(now: datetime) -> None:
    assert instance.recognise(now=now)
    assert instance.recognise(now=now)
    assert Instance.objects.count() == 1
    assert live.open_hold() is None


def test_a_copy_stops_all_sending_until_a_person_lets_it_go_on(now: datetime) -> None:
    instance.recognise(now=now)
    Instance.objects.update(place="7100000000000000000:16384")  # what a dump of another database brings along
    assert not instance.recognise(now=now)
    held = live.open_hold()
    assert held is not None and "copy" in held.because
    hold.release(by=None, now=now)
    assert instance.recognise(now=now), "once let go, it is at home here"
    assert live.open_hold() is None
