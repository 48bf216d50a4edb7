"""`manage.py load_demo`: fill an empty silo with fictional people and a year of history."""

import sys
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from contacts import clock, roles
from contacts.models import Contact
from silo.accounts import DEMO_PASSWORD
from silo.demo.year import Year
from silo.models import User

COLLEAGUES = (
    ("salesperson", "salesperson@demo.example", "Sam Söderlund", roles.SALESPERSON),
    ("marketer", "marketer@demo.example", "Mira Lindqvist", roles.MARKETER),
    ("admin", "admin@demo.example", "Ada Nordvik", roles.ADMIN),
    ("second", "tess@demo.example", "Tess Haugen", roles.SALESPERSON),
)


class Command(BaseCommand):
    help = "Load the demo silo into an empty database. Deterministic for a seed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, quietly, when somebody is here already"
        )

    def handle(self, *, seed: int, if_empty: bool, **options: Any) -> None:
        if not settings.SILO_DEMO:
            raise CommandError(
                "This is not the demo: SILO_DEMO is off, and fictional people do not belong into a real silo."
            )
        if User.objects.exists() or Contact.objects.exists():
            if if_empty:
                return
            raise CommandError("The silo is not empty: the demo only goes into an empty one.")
        began = time.monotonic()
        with (
            connection.cursor() as cursor
        ):  # a demo that a crash interrupts is loaded anew, so nobody waits for the disk
            cursor.execute("SET synchronous_commit = off")
        password = make_password(DEMO_PASSWORD)  # once: it is slow on purpose
        colleagues = {key: _colleague(email, name, role, password) for key, email, name, role in COLLEAGUES}
        for done in Year(seed=seed, until=clock.now(), colleagues=colleagues).live():
            self._show(done)
        self.stdout.write(
            f"\nThe demo silo is there: {Contact.objects.count()} people, a year of history ({time.monotonic() - began:.0f} s)."
        )

    def _show(self, done: float) -> None:
        width = 40
        filled = round(done * width)
        if sys.stdout.isatty() or done == 1:
            self.stdout.write(
                f"\rA year goes by  {'█' * filled}{'░' * (width - filled)} {done:4.0%}", ending=""
            )
            self.stdout.flush()


def _colleague(email: str, name: str, role: str, password: str) -> User:
    user = User.objects.create(email=email, name=name, password=password)
    user.groups.set(Group.objects.filter(name=role))
    return user
