"""Grading: which hits were people. Runs every few seconds over what came in, and again whenever the
weights change.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from nurturing.models import EngagementEvent, Hit, Send, Step
from nurturing.services import engagement, handoff, heat
from nurturing.services import standing as standings
from nurturing.temperature import evidence, points

# A scanner presses all links within seconds: whoever judges the first before the last came, judges wrong.
SETTLE = timedelta(seconds=evidence.BURST_SECONDS)
# How far back a mail's other hits still say something about a new one.
SIBLINGS = timedelta(days=120)
ONE_PASS = 5_104_003  # any number of our own for pg_try_advisory_xact_lock
SOURCE = "silo"


@dataclass(frozen=True, slots=True)
class Graded:
    """What one pass did."""

    hits: int
    human: int
    more: bool


@transaction.atomic
def grade(*, now: datetime, limit: int = 2000) -> Graded:
    """Grade hits that have settled, with all other hits of the same mails, and record the clicks among them.

    A hit that was judged before and is judged otherwise now (a trap link was pressed after it) is graded
    anew, and the temperature of its contact made again. One pass at a time: the next one has nothing to do, and
    would only wait for the same people.
    """
    if not _is_alone():
        return Graded(0, 0, more=False)
    ripe = Hit.objects.filter(human=None, at__lte=now - SETTLE).order_by("at")
    fresh = list(ripe.values_list("send_id", flat=True)[:limit])
    if not fresh:
        return Graded(0, 0, more=False)
    hits, human = _judge(sorted(set(fresh)), now)
    return Graded(hits, human, more=len(fresh) == limit)


@transaction.atomic
def regrade(send_ids: Collection[int], *, now: datetime) -> None:
    """Grade all hits of these mails again, with the weights of today."""
    _judge(sorted(send_ids), now)


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_PASS])
        return bool(cursor.fetchone()[0])


def _judge(send_ids: Sequence[int], now: datetime) -> tuple[int, int]:
    """Grade all hits of these mails; returns how many were new, and how many of those were people."""
    rows = Send.objects.filter(pk__in=send_ids)
    # A regrading may see the same hits: it waits here, and so does an erasure.
    standings.lock(set(rows.values_list("contact_id", flat=True)))
    present = rows.filter(contact__erased_at=None).select_related("mail", "piece", "contact")
    mails = {send.pk: send for send in present}
    _empty([send_id for send_id in send_ids if send_id not in mails])
    flooded, silenced = _silence(list(mails), now)
    hits: dict[int, list[Hit]] = defaultdict(list)
    calm = Hit.objects.filter(send_id__in=list(mails), at__gte=now - SIBLINGS)
    for hit in calm.exclude(signs__contains=[{"code": "flood"}]):
        hits[hit.send_id].append(hit)
    crowds = _crowds([hit for found in hits.values() for hit in found])
    events: list[engagement.NewEvent] = []
    changed: list[Hit] = []
    about = _abouts(mails.values())
    new, human = flooded, 0
    for send_id, found in hits.items():
        send = mails[send_id]
        verdicts = {
            one.key: one for one in evidence.grade(_mail(send), [_plain(hit) for hit in found], crowds)
        }
        for hit in found:
            verdict = verdicts[hit.pk]
            signs = [{"code": sign.code, "weight": sign.weight} for sign in verdict.signs]
            is_new = hit.human is None
            new += is_new
            human += is_new and verdict.grade >= points.HUMAN
            if is_new or hit.human != verdict.grade or hit.grade_version != verdict.version:
                hit.human, hit.signs, hit.grade_version = verdict.grade, signs, verdict.version
                changed.append(hit)
            if is_new and hit.kind == Hit.Kind.CLICK:
                events.append(_event(hit, send, about.get(send_id, {})))
    _store(changed)
    _correct([*changed, *silenced], now)
    engagement.record(events, now=now)
    return new, human


def _empty(send_ids: Sequence[int]) -> None:
    """Hits of somebody who is erased: counted as nobody, and nothing of them kept."""
    if send_ids:
        with connection.cursor() as cursor:
            cursor.execute(_EMPTY, [evidence.VERSION, list(send_ids)])


_EMPTY = """
UPDATE nurturing_hit
SET human = 0, signs = '[{"code": "erased", "weight": 0}]', grade_version = %s, agent = '', network = '', url = '', headers = '{}'
WHERE send_id = ANY(%s::bigint[]) AND human IS NULL
"""


def _silence(send_ids: Sequence[int], now: datetime) -> tuple[int, list[Hit]]:
    """Mark floods as such where they lie, before anything is loaded: no event is made of them, and no pass ever compares
    them with each other. Returns how many were new, and those that had passed for more than a machine until now.
    """
    if not send_ids:
        return 0, []
    with connection.cursor() as cursor:
        cursor.execute(
            _SILENCE,
            {
                "ids": list(send_ids),
                "since": now - SIBLINGS,
                "hour": evidence.FLOOD_PER_HOUR,
                "mail": evidence.FLOOD_PER_MAIL,
                "signs": json.dumps([{"code": "flood", "weight": evidence.CERTAIN}]),
                "version": evidence.VERSION,
            },
        )
        new, counted = cursor.fetchone()
    return new, list(Hit.objects.filter(pk__in=counted, send_id__in=send_ids)) if counted else []


# A whole hour becomes a flood, also what was judged in it before; of a mail that is pressed for weeks only what is new.
_SILENCE = """
WITH pressed AS (
    SELECT send_id FROM nurturing_hit WHERE send_id = ANY(%(ids)s::bigint[]) AND at >= %(since)s
    GROUP BY send_id HAVING count(*) > least(%(hour)s, %(mail)s)
), hourly AS (
    SELECT id, at, send_id, human, signs @> '[{"code": "flood"}]' AS is_marked,
           count(*) OVER (PARTITION BY send_id, date_trunc('hour', at, 'UTC')) > %(hour)s AS is_flood
    FROM nurturing_hit WHERE send_id IN (SELECT send_id FROM pressed) AND at >= %(since)s
), old AS (
    SELECT id, at, human, is_flood,
           row_number() OVER (PARTITION BY send_id, is_flood ORDER BY human IS NULL, at, id) > %(mail)s AS is_more
    FROM hourly WHERE NOT is_marked
), marked AS (
    UPDATE nurturing_hit h SET human = 0, signs = %(signs)s, grade_version = %(version)s
    FROM old WHERE h.id = old.id AND h.at = old.at AND (old.is_flood OR (old.is_more AND old.human IS NULL))
    RETURNING h.id, old.human
)
SELECT count(*) FILTER (WHERE human IS NULL), array_agg(id) FILTER (WHERE human > 0) FROM marked
"""


def _store(changed: Sequence[Hit]) -> None:
    """One statement for all."""
    if not changed:
        return
    moments = [hit.at for hit in changed]
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                [hit.pk for hit in changed],
                moments,
                [hit.human for hit in changed],
                [json.dumps(hit.signs) for hit in changed],
                [hit.grade_version for hit in changed],
                min(moments),
                max(moments),
            ],
        )


# By moment and number, and between two moments: so a row is looked for in its month alone.
_STORE = """
UPDATE nurturing_hit h
SET human = v.human, signs = v.signs, grade_version = v.version
FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[], %s::jsonb[], %s::int[]) v(id, at, human, signs, version)
WHERE h.id = v.id AND h.at = v.at AND h.at BETWEEN %s AND %s
"""


def _correct(changed: Sequence[Hit], now: datetime) -> None:
    """Carry a new grade over to the event that an older grade had made, and make that contact's heat
    again.
    """
    grades = {hit.pk: hit for hit in changed}
    touched = set()
    clicks = EngagementEvent.objects.filter(
        send_id__in={hit.send_id for hit in changed},
        type=EngagementEvent.Type.CLICKED,
        hit_id__in=list(grades),
    )
    for event in clicks:
        hit = grades[event.hit_id or 0]
        if hit.human is None or event.human == hit.human:
            continue
        event.human, event.signs = hit.human, hit.signs
        event.save(update_fields=["human", "signs"])
        touched.add(event.contact_id)
    if touched:
        ids = sorted(touched)
        heat.rebuild(ids, now=now)
        handoff.open_hot(ids, now=now, recompute=False)
        handoff.cool(ids, now=now, recompute=False)
        standings.recompute(ids, now=now)


def _plain(hit: Hit) -> evidence.Hit:
    headers = hit.headers
    ahead = " ".join(str(headers.get(name, "")) for name in ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz"))
    return evidence.Hit(
        key=hit.pk,
        at=hit.at,
        kind=hit.kind,
        method=hit.method,
        link=hit.link_no or 0,
        agent=hit.agent,
        network=hit.network,
        prefetch="prefetch" in ahead.lower() or "preview" in ahead.lower(),
        # A provider that counts clicks for us tells less than a browser; what it does not tell is no sign.
        speaks=bool(headers.get("Accept-Language")) or "Provider" in headers,
        flagged=headers.get("Provider-Says") == "machine",
    )


def _mail(send: Send) -> evidence.Mail:
    links = send.mail.compiled.get("links", []) if send.mail is not None else []
    left_at = send.finished_at if send.state == Send.State.ACCEPTED else None
    if send.state == Send.State.UNKNOWN:
        # `finished_at` is when the doubt was noticed; it left, if it did, after its moment had come.
        left_at = send.not_before
    return evidence.Mail(accepted_at=left_at, links=len(links))


def _crowds(hits: Iterable[Hit]) -> dict[int, evidence.Crowd]:
    """For each hit: for how many people of how many companies its network pressed links in the minutes around it.

    Asked once for each minute of a network, so that a network that presses often costs no more than it presses.
    """
    asked = {hit.pk: (hit.network, hit.at.replace(second=0, microsecond=0)) for hit in hits if hit.network}
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CROWDS, [list(column) for column in zip(*sorted(set(asked.values())), strict=True)])
        found = {(network, minute): evidence.Crowd(*counts) for network, minute, *counts in cursor.fetchall()}
    return {key: found[place] for key, place in asked.items() if place in found}


_CROWDS = """
SELECT asked.network, asked.minute, count(DISTINCT s.contact_id), count(DISTINCT c.company_id)
FROM unnest(%s::text[], %s::timestamptz[]) asked(network, minute)
CROSS JOIN LATERAL (
    SELECT DISTINCT h.send_id FROM nurturing_hit h
    WHERE h.network = asked.network AND h.network <> ''
      AND h.at >= asked.minute - interval '10 minutes' AND h.at < asked.minute + interval '11 minutes'
) near
JOIN nurturing_send s ON s.id = near.send_id
JOIN contacts_contact c ON c.id = s.contact_id
GROUP BY asked.network, asked.minute
"""


def _abouts(sends: Iterable[Send]) -> dict[int, dict[str, Any]]:
    """For each mail: its funnel level, its topic and the words of its receipt."""
    mails = list(sends)
    steps = {
        step.mail_id: step
        for step in Step.objects.filter(mail_id__in={send.mail_id for send in mails if send.piece_id is None})
    }
    found = {}
    for send in mails:
        subject = send.mail.subject if send.mail is not None else ""
        if send.piece is not None:
            piece = send.piece
            found[send.pk] = {"level": piece.level, "topic_id": piece.topic_id, "what": piece.title}
        elif send.mail_id in steps:
            step = steps[send.mail_id]
            found[send.pk] = {"level": step.level, "topic_id": step.topic_id, "what": subject}
        else:
            found[send.pk] = {"what": subject}
    return found


def _event(hit: Hit, send: Send, about: Mapping[str, Any]) -> engagement.NewEvent:
    return engagement.NewEvent(
        contact_id=send.contact_id,
        type=EngagementEvent.Type.CLICKED,
        at=hit.at,
        source=SOURCE,
        key=f"hit:{hit.pk}",
        send_id=send.pk,
        human=hit.human or 0.0,
        signs=hit.signs,
        url=hit.url,
        link_no=hit.link_no,
        hit_id=hit.pk,
        **about,
    )
