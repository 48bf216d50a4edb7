"""`manage.py show_contact ADDRESS`: one person in words, or as JSON for scripts."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Q

from contacts import clock
from contacts.models import Contact
from silo.queries import person


class Command(BaseCommand):
    help = "Show one person: who they are, where they stand, what comes next, how warm and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "address",
            help="e-mail address (any spelling of case), a further address, or a phone number in E.164",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *, address: str, **options: Any) -> None:
        wanted = address.strip()
        contact = (
            Contact.objects.present()
            .filter(Q(email_key=wanted.lower()) | Q(addresses__email_key=wanted.lower()) | Q(phone=wanted))
            .select_related("company")
            .order_by("id")
            .first()
        )
        found = describe(contact, now=clock.now()) if contact else {}
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        elif not found:
            self.stderr.write(f"Nobody in the silo has {wanted}.")
        else:
            self._print(found)
        if not found:
            raise SystemExit(1)

    def _print(self, found: dict[str, Any]) -> None:
        width = max(map(len, found))
        for name, value in found.items():
            if name == "receipts":
                self.stdout.write("receipts")
                for receipt in value:
                    self.stdout.write(
                        f"  {receipt['at']}  {receipt['points']:+6.1f} then {receipt['now']:+6.1f} now  {receipt['what']}"
                    )
            else:
                shown = ", ".join(value) if isinstance(value, list) else value
                self.stdout.write(f"{name:<{width}}  {'–' if shown in ('', None) else shown}")


def describe(contact: Contact, *, now: datetime) -> dict[str, Any]:
    """The words that scripts read."""
    seen = person.of(contact, now=now)
    return {
        "email": contact.email or "",
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company.name if contact.company else "",
        "title": contact.title,
        "phone": contact.phone,
        "language": contact.language,
        "ground": seen.ground.ground if seen.ground else "none",
        "suppressed": any(stop.channel in ("mail", "all") for stop in seen.stops),
        "tags": list(contact.tags),
        "standing": seen.standing.state,
        "next_at": seen.standing.next_at.isoformat() if seen.standing.next_at else None,
        "next_what": seen.standing.next_what,
        "temperature": round(seen.degrees or 0.0, 6),
        "receipts": [
            {
                "what": line.what,
                "at": line.at.isoformat(),
                "points": round(line.points, 6),
                "now": round(line.now, 6),
            }
            for line in seen.receipts
        ],
    }
