#!/usr/bin/env python3
"""Run a command of the silo: `python manage.py help` lists them.

With no DATABASE_URL the command works on the embedded servers under `var/`: it joins them, or starts them for as
long as it runs. A database that did not exist yet gets its tables first.
"""

import os
import sys

from silo.embedded import servers

NEED_NO_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "help",
    "makemessages",
    "version",
}
MAKE_THE_TABLES_THEMSELVES = {"makemigrations", "migrate", "sqlmigrate", "showmigrations", "squashmigrations"}


def main(argv: list[str]) -> None:
    """Run the command, on embedded servers if none are named."""
    from django.core.management import call_command, execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")
    command = next((word for word in argv[1:] if not word.startswith("-")), "help")
    if command in NEED_NO_DATABASE or "--help" in argv or "-h" in argv:
        execute_from_command_line(argv)
        return
    with servers.joined() as new:
        if new and command not in MAKE_THE_TABLES_THEMSELVES:
            import django

            django.setup()
            call_command("migrate", verbosity=0)
        execute_from_command_line(argv)


if __name__ == "__main__":
    try:
        main(sys.argv)
    except servers.ServersFailed as failure:
        sys.exit(str(failure))
