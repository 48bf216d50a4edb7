"""`manage.py restore FOLDER`: a backup in the place of this silo; nothing leaves until a person lets it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts import clock
from silo.services import backup


class Command(BaseCommand):
    help = "Put a backup in the place of this silo's database and files. The silo must be stopped. All sending is on hold afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of one backup")
        parser.add_argument(
            "--replace", action="store_true", help="also when people are in this silo: they are gone then"
        )

    def handle(self, *, folder: Path, replace: bool, **options: Any) -> None:
        try:
            restored = backup.restore(folder=folder, replace=replace, now=clock.now())
        except (backup.CannotRestore, backup.CannotBackUp) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{restored.people} people as of {restored.at:%Y-%m-%d %H:%M} UTC. Whoever was erased since is erased again."
            " All sending is on hold: look at the outbox, then let mails go on the page Sending."
        )
