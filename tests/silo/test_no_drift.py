"""Every write there is, each once: afterwards every standing says what its rows say, and the doctor has nothing to say.

An action that forgets to let the silo judge its people again is found here, as is one that leaves a mail, a run or a
hand-off behind. After each the clock goes round once more, and all must still be well.
"""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.silo.deeds.everything import ACTIONS
from tests.silo.deeds.scene import Scene, assert_well, go_round

pytestmark = pytest.mark.django_db

PARTS = 4
"""So that two workers share them."""


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, PARTS))])
def test_after_everything_that_can_be_done_all_is_well(scene: Scene, part: int) -> None:
    """Each action on the same scene, and taken back."""
    wrong = {}
    for act in ACTIONS[part::PARTS]:
        moment = scene.now
        with transaction.atomic():
            try:
                with transaction.atomic():
                    act(scene)
                    assert_well(scene.now)
                    later = scene.now + timedelta(seconds=90)
                    go_round(later)
                    assert_well(later)
            except (AssertionError, DatabaseError) as fault:
                wrong[act.__name__] = str(fault)
            transaction.set_rollback(True)
        scene.now = moment
    assert wrong == {}
