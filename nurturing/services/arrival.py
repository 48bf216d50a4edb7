"""A provider's word that a mail arrived, or was opened: it comes for every mail, and nothing follows from it but the ledger.

Neither heats anybody, moves a next moment or stops anything, so nobody's temperature and standing are made anew: all of it is one
statement and one commit. What is written is what `engagement.record` would write.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from nurturing.models import EngagementEvent
from nurturing.services.engagement import WHAT_LENGTH, NewEvent
from nurturing.temperature import curve

Type = EngagementEvent.Type
TYPES = (Type.DELIVERED, Type.OPENED)


def note(*, report: Mapping[str, Any], event: NewEvent, planned_at: datetime, now: datetime) -> None:
    """Keep a report, a row of `ProviderEvent`, and what it says about a mail. The same report again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                **report,
                "source": event.source,
                "event_hash": event.dedup_hash,
                "happened_at": curve.clamp(event.at, earliest=min(planned_at, now), latest=now),
                "human": event.human,
                "what": event.what[:WHAT_LENGTH],
                "detail": json.dumps(event.detail),
                "delivered": event.type == Type.DELIVERED,
            },
        )


# The person, if they are still here. The standing is locked as for every other event, so that an erasure comes before or after it; the
# contact is locked (as the event's foreign key does anyhow), so that behind an erasure it is read as that left it.
PERSON = """
    SELECT s.contact_id FROM nurturing_standing s JOIN contacts_contact c ON c.id = s.contact_id
    WHERE s.contact_id = %(contact_id)s AND c.erased_at IS NULL FOR UPDATE OF s FOR KEY SHARE OF c
"""

# A report about a mail to somebody who is erased is kept as a bare number: it names them.
KEEP = """
    INSERT INTO nurturing_providerevent (provider, at, dedup_hash, type, message_id, recipient, payload, contact_id, send_id)
    SELECT %(provider)s, %(at)s, %(dedup_hash)s, %(type)s, %(message_id)s, CASE WHEN named THEN %(recipient)s ELSE '' END,
           CASE WHEN named THEN %(payload)s::jsonb ELSE '{}' END, %(contact_id)s::bigint, %(send_id)s::bigint
    FROM (SELECT %(contact_id)s::bigint IS NULL OR EXISTS (SELECT FROM person) AS named) about
    ON CONFLICT (dedup_hash) DO NOTHING
"""

# What was `unknown` left before this happened, not when the doubt was noticed. LEAST passes over what is not there yet.
_NOTE = f"""
WITH person AS ({PERSON}), kept AS ({KEEP} RETURNING contact_id), event AS (
    INSERT INTO nurturing_engagementevent (contact_id, send_id, type, at, recorded_at, human, signs, level, what, url, source,
                                           dedup_hash, detail)
    SELECT person.contact_id, %(send_id)s, %(type)s, %(happened_at)s, %(at)s, %(human)s, '[]', '', %(what)s, '', %(source)s,
           %(event_hash)s, %(detail)s
    FROM person JOIN kept USING (contact_id) ON CONFLICT (dedup_hash) DO NOTHING RETURNING send_id, at
)
UPDATE nurturing_send s
SET delivered_at = CASE WHEN %(delivered)s THEN LEAST(s.delivered_at, event.at) ELSE s.delivered_at END,
    state = CASE s.state WHEN 'unknown' THEN 'accepted' ELSE s.state END,
    reason = CASE s.state WHEN 'unknown' THEN '' ELSE s.reason END,
    finished_at = CASE s.state WHEN 'unknown' THEN LEAST(s.finished_at, s.not_before) ELSE s.finished_at END
FROM event WHERE s.id = event.send_id
"""  # noqa: S608 - words of our own
