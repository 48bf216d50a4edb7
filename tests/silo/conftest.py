"""What several tests of the whole silo start from."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.silo.deeds import scene as scenes


@pytest.fixture
def scene(now: datetime, settings: Any, tmp_path: Path) -> scenes.Scene:
    """A silo at work, whose uploads go nowhere else."""
    settings.MEDIA_ROOT = tmp_path
    return scenes.make(now)
