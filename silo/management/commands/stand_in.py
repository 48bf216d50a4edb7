"""`manage.py stand_in`: does the clock's work while the broker is away."""

from typing import Any

from django.core.management.base import BaseCommand

from silo import stand_in


class Command(BaseCommand):
    help = (
        "Watch the broker; while it does not answer, plan and send from this process. Runs until it is ended."
    )

    def handle(self, **options: Any) -> None:
        stand_in.StandIn().run()
