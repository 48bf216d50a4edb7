"""Everything that runs by itself, on one page.

Intervals only, never a crontab in local time: what is due is a row in PostgreSQL, these entries only wake the clock.
"""

from typing import Any

EVERYTHING: dict[str, dict[str, Any]] = {}
