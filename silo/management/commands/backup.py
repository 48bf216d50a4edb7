"""`manage.py backup FOLDER`: the whole silo into a new folder below FOLDER, while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from contacts import clock
from silo.services import backup


class Command(BaseCommand):
    help = "Back up the database, the uploaded files, the ledger of erasures and (on a laptop) the keys. The silo may run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="where backups are kept; each gets a folder of its own there"
        )

    def handle(self, *, folder: Path, **options: Any) -> None:
        try:
            made = backup.take(into=folder, now=clock.now())
        except backup.CannotBackUp as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.folder}: {made.people} people, {filesizeformat(made.size)}.")
        if not (made.folder / backup.KEYS).exists():
            self.stdout.write(
                "The keys are not in it: keep LINK_KEYS, SUPPRESSION_KEYS and STORED_SECRET_KEYS somewhere else."
            )
