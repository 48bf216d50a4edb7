"""`manage.py tick`: one round of the clock in the foreground, through the same code as the beat's."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts import clock
from nurturing.services import tick


class Command(BaseCommand):
    help = "Come to everybody whose moment has come, and plan what happens to them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", metavar="ISO", help="the moment to take for now, UTC unless it says otherwise"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, **options: Any) -> None:
        moment = _moment(options["now"]) if options["now"] else clock.now()
        with clock.at(moment):
            result = tick.tick(now=moment)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result)))
            return
        self.stdout.write(f"{result.due} people due at {moment:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(
            f"{result.planned} mails planned, {result.handed_on} handed on to sales, "
            f"{result.later} later with a reason, {result.skipped} stopped or set aside."
        )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise CommandError(f"--now wants a moment like 2026-11-24T09:10, not {text!r}.") from wrong
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
