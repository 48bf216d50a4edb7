"""`manage.py make_admin ADDRESS`: the first admin of a silo on a server."""

import getpass
import sys
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts import clock
from silo.services import colleague


class Command(BaseCommand):
    help = "Make the first admin of an empty silo. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--name", default="")

    def handle(self, *, address: str, name: str, **options: Any) -> None:
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            password_validation.validate_password(password)
            user = colleague.make_first_admin(email=address, password=password, name=name, now=clock.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except colleague.NotPossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.email} is the admin. Log in at the silo's address.")
