"""`manage.py doctor`: does the silo hold what it promises? Exit 1 when something does not."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from contacts import clock
from silo.queries import doctor


class Command(BaseCommand):
    help = "Examine the silo: leaks, the sending equation, stored against recomputed figures, the clock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, **options: Any) -> None:
        report = doctor.examine(now=clock.now())
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self._print(report)
        if not report.ok:
            raise SystemExit(1)

    def _print(self, report: doctor.Report) -> None:
        standings = ", ".join(f"{count} {state}" for state, count in report.standings.items() if count)
        sends = report.sends
        self.stdout.write(f"{report.contacts} people: {standings or 'nobody yet'}")
        self.stdout.write(
            f"{sends.due} mails due = {sends.accepted} accepted + {sends.skipped} skipped + {sends.failed} failed"
            f" + {sends.unknown} unknown + {sends.waiting} waiting"
        )
        self.stdout.write(
            f"Largest difference of a temperature from its events: {report.temperature_drift:.2g}°"
        )
        if report.clock_runs:
            self.stdout.write(f"The clock is {report.clock_lag_seconds:.0f} s behind.")
        for note in report.notes:
            self.stdout.write(self.style.WARNING(note))
        for leak in report.leaks:
            self.stdout.write(
                self.style.ERROR(f"{leak.sentence} ({leak.name}, e.g. {', '.join(map(str, leak.sample))})")
            )
        for sentence in report.broken:
            if sentence not in [leak.sentence for leak in report.leaks]:
                self.stdout.write(self.style.ERROR(sentence))
        self.stdout.write(
            self.style.SUCCESS("0 leaks. Everything holds.") if report.ok else f"{report.leak_count} leaks."
        )
