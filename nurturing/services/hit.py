"""Raw hits: written down before the answer goes out, judged later."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from contacts import keys
from nurturing.models import Hit
from nurturing.temperature import evidence
from nurturing.together import Together

AGENT_LENGTH = 400
# What of a request's headers speaks for or against a person. Nothing else is kept, least of all cookies.
KEPT_HEADERS = (
    "Accept-Language",
    "Purpose",
    "Sec-Purpose",
    "X-Purpose",
    "X-Moz",
    "Provider",
    "Provider-Says",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHit:
    """One request for an address that stood in a mail."""

    kind: str
    send_id: int
    at: datetime | None = None
    method: str
    link_no: int | None = None
    url: str = ""
    agent: str = ""
    address: str = ""
    network: str = ""  # the hashed neighbourhood, where the address is gone already
    headers: Mapping[str, str] = field(default_factory=dict)

    def for_later(self, *, now: datetime) -> dict[str, Any]:
        """The same as plain values, without the address: what may wait in the broker while the database is away."""
        kept = {name: value for name, value in self.headers.items() if name in KEPT_HEADERS}
        network = self.network or network_hash(self.address)
        plain = replace(self, address="", network=network, headers=kept)
        return asdict(plain) | {"at": (self.at or now).isoformat()}


def record(hits: Sequence[NewHit], *, now: datetime) -> None:
    """Write hits down, in one statement. The address is kept only as a keyed hash of its neighbourhood."""
    Hit.objects.bulk_create(
        Hit(
            at=hit.at or now,
            kind=hit.kind,
            send_id=hit.send_id,
            link_no=hit.link_no,
            url=_storable(hit.url),
            method=hit.method[:8],
            agent=_storable(hit.agent)[:AGENT_LENGTH],
            network=hit.network or network_hash(hit.address),
            headers={
                name: _storable(value)[:100] for name, value in hit.headers.items() if name in KEPT_HEADERS
            },
        )
        for hit in hits
    )


# The same row, from a group of many: what `record` leaves to Django's defaults is left to the table's.
_TOGETHER = Together(
    "silo_hits",
    """
INSERT INTO nurturing_hit (at, kind, send_id, link_no, url, method, agent, network, headers)
SELECT at, kind, send_id, link_no, url, method, agent, network, headers
FROM json_to_recordset($1) AS v(at timestamptz, kind text, send_id bigint, link_no int, url text, method text,
                                agent text, network text, headers jsonb)
""",
    # A line that broke may have broken after the commit: a press that is there already is not pressed again.
    unless_there="""
WHERE NOT EXISTS (SELECT 1 FROM nurturing_hit h WHERE h.send_id = v.send_id AND h.at = v.at AND h.kind = v.kind
                  AND h.link_no IS NOT DISTINCT FROM v.link_no AND h.agent = v.agent AND h.network = v.network)
""",
)


async def record_together(
    *,
    kind: str,
    send_id: int,
    link_no: int | None,
    url: str,
    method: str,
    agent: str,
    address: str,
    headers: Mapping[str, str],
    now: datetime,
) -> None:
    """One hit, committed together with those of other requests of this process. `headers` are the kept ones alone.

    Raises NotWritten. Outside any transaction: the commit is the point.
    """
    await _TOGETHER.write(
        {
            "at": now.isoformat(),
            "kind": kind,
            "send_id": send_id,
            "link_no": link_no,
            "url": _storable(url),
            "method": method,
            "agent": _storable(agent)[:AGENT_LENGTH],
            "network": network_hash(address),
            "headers": {name: _storable(value)[:100] for name, value in headers.items()},
        }
    )


def network_hash(address: str) -> str:
    """The neighbourhood of an address, so that it can be recognised and never read; empty for no address."""
    network = evidence.network_of(address)
    return keys.sign("network", network.encode())[:21] if network else ""


def _storable(text: str) -> str:
    # PostgreSQL keeps no NUL in a text, and a header may hold anything.
    return text.replace("\x00", "")
