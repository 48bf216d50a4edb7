"""Erase again whom a restored backup brought back. Runs at every start, and by hand after a restore."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from contacts import clock
from contacts.services import erasure


class Command(BaseCommand):
    help = (
        "Compare the erasure ledger with the database, and erase again whom a restored backup brought back."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        replayed = erasure.replay(now=clock.now())
        if options["verbosity"]:
            self.stdout.write(json.dumps(replayed.as_json()))
