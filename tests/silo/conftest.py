"""What several tests of the whole silo start from."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.silo.deeds.scene", "tests.silo.deeds.merging")

from tests.silo.deeds import scene as scenes  # noqa: E402 - after the words above, so that its assertions say what they saw


@pytest.fixture
def scene(now: datetime, settings: Any, tmp_path: Path) -> scenes.Scene:
    """A silo at work, whose uploads go nowhere else."""
    settings.MEDIA_ROOT = tmp_path
    return scenes.make(now)
