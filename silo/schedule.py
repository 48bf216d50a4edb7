"""Everything that runs by itself, on one page.

Intervals only, never a crontab in local time: what is due is a row in PostgreSQL, these entries only wake the clock. A beat that comes
twice or not at all does no harm; `expires` drops a hint that nobody took in time, so that a queue does not fill up behind a dead worker.
"""

from typing import Any

EVERYTHING: dict[str, dict[str, Any]] = {
    # nurturing: the clock comes to everyone whose moment has come, and plans
    "tick": {"task": "nurturing.tasks.tick.tick", "schedule": 30.0, "options": {"expires": 30}},
    # nurturing: planned mails leave; what a dead worker held is put right
    "deliver": {"task": "nurturing.tasks.send.deliver_due", "schedule": 10.0, "options": {"expires": 10}},
    # nurturing: raw hits get their grade of human evidence, and then count
    "grade": {"task": "nurturing.tasks.evidence.grade", "schedule": 3.0, "options": {"expires": 3}},
    # nurturing: answers and bounces come out of the mailboxes
    "read mailboxes": {
        "task": "nurturing.tasks.mailbox.read_all",
        "schedule": 120.0,
        "options": {"expires": 120},
    },
    # sales: claims whose time ran out are given back
    "release claims": {"task": "sales.tasks.claim.expire", "schedule": 60.0, "options": {"expires": 60}},
    # silo: the doctor's round, for the dashboard; in a large silo it rests ten times as long as it took (silo/queries/overview.py)
    "examine": {"task": "silo.tasks.doctor.examine", "schedule": 300.0, "options": {"expires": 300}},
    # contacts: imports whose worker died go on
    "go on with imports": {
        "task": "contacts.tasks.import_batch.go_on_with_all",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # contacts: ledger and database agree on who was erased; whom a restored backup brought back goes again
    "replay erasures": {
        "task": "contacts.tasks.erasure.replay",
        "schedule": 3_600.0,
        "options": {"expires": 3_600},
    },
    # contacts: what the company keeps only for so long (docs/privacy.md)
    "keep retention rules": {
        "task": "contacts.tasks.retention.keep_rules",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    # contacts: changes to many people, and exports, whose worker died go on; files whose time is over are deleted
    "go on with changes": {
        "task": "contacts.tasks.bulk_change.go_on_with_all",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "go on with exports": {
        "task": "contacts.tasks.export.go_on_with_all",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # contacts: people who are there twice are proposed; merges of many whose worker died go on
    "look for duplicates": {
        "task": "contacts.tasks.duplicate.refresh",
        "schedule": 21_600.0,
        "options": {"expires": 3_600},
    },
    "go on with merges": {
        "task": "contacts.tasks.duplicate.go_on_with_all",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # nurturing: room for the months to come; what rounds and batches told a month ago goes
    "make months": {
        "task": "nurturing.tasks.partition.make_months",
        "schedule": 86_400.0,
        "options": {"expires": 3_600},
    },
    # silo: logins whose time is over
    "forget sessions": {
        "task": "silo.tasks.session.forget_old",
        "schedule": 86_400.0,
        "options": {"expires": 3_600},
    },
}
