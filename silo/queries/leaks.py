"""The questions of the doctor: each selects the ids of the rows at fault, and nothing in a silo that is well."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Check:
    """A named question in SQL: it selects the ids of the rows at fault."""

    name: str
    sentence: StrOrPromise
    sql: str


# Sentences are completed with the number of rows. `%(now)s` is the moment of the examination.
CHECKS: tuple[Check, ...] = (
    Check(
        "contact_without_standing",
        gettext_lazy("%(count)s people have no standing: the clock will never come to them."),
        "SELECT c.id FROM contacts_contact c LEFT JOIN nurturing_standing s ON s.contact_id = c.id WHERE s.contact_id IS NULL",
    ),
    Check(
        "no_next_moment",
        gettext_lazy("%(count)s people are not stopped and have no next moment."),
        "SELECT contact_id FROM nurturing_standing WHERE state <> 'stopped' AND next_at IS NULL",
    ),
    Check(
        "stopped_without_reason",
        gettext_lazy("%(count)s people are stopped and nobody knows why."),
        "SELECT contact_id FROM nurturing_standing WHERE state = 'stopped' AND stop_reason = ''",
    ),
    Check(
        "not_findable",
        gettext_lazy("%(count)s people cannot be found by the search."),
        "SELECT c.id FROM contacts_contact c LEFT JOIN contacts_contactsearch s ON s.contact_id = c.id WHERE s.contact_id IS NULL",
    ),
    Check(
        "decision_without_send",
        gettext_lazy("%(count)s mails were decided and never came into the ledger: somebody was skipped."),
        "SELECT d.id FROM nurturing_decision d LEFT JOIN nurturing_send s ON s.dedupe_key = d.dedupe_key AND s.sandbox = d.sandbox"
        " WHERE s.id IS NULL",
    ),
    Check(
        "send_without_decision",
        gettext_lazy("%(count)s mails are in the ledger and nobody decided them."),
        "SELECT s.id FROM nurturing_send s LEFT JOIN nurturing_decision d ON d.dedupe_key = s.dedupe_key AND d.sandbox = s.sandbox"
        " WHERE d.id IS NULL AND s.kind IN ('step', 'piece')",
    ),
    Check(
        "sent_twice",
        gettext_lazy("%(count)s mails went out twice."),
        "SELECT min(id) FROM nurturing_send WHERE state IN ('accepted', 'unknown', 'attempting')"
        " GROUP BY dedupe_key, sandbox HAVING count(*) > 1",
    ),
    Check(
        "sent_against_a_stop",
        gettext_lazy("%(count)s mails went out although the address had been stopped."),
        "SELECT s.id FROM nurturing_send s JOIN contacts_suppression p ON p.address = lower(s.address)"
        " WHERE s.address <> '' AND s.state = 'accepted' AND s.kind IN ('step', 'piece') AND p.channel IN ('mail', 'all')"
        " AND p.at < s.finished_at - interval '1 minute' AND (p.lifted_at IS NULL OR p.lifted_at > s.finished_at)",
    ),
    Check(
        "sent_without_ground",
        gettext_lazy("%(count)s mails went out without a stored legal ground."),
        "SELECT s.id FROM nurturing_send s JOIN contacts_contact c ON c.id = s.contact_id AND c.erased_at IS NULL"
        " LEFT JOIN contacts_legalground g ON g.contact_id = s.contact_id AND g.purpose = 'marketing'"
        " WHERE s.state = 'accepted' AND s.kind IN ('step', 'piece') AND g.id IS NULL",
    ),
    Check(
        "lease_run_out",
        gettext_lazy("%(count)s mails are in the hand of a worker whose time ran out long ago."),
        "SELECT id FROM nurturing_send WHERE state IN ('claimed', 'attempting') AND lease_until < %(now)s - interval '10 minutes'",
    ),
    Check(
        "stopped_and_enrolled",
        gettext_lazy("%(count)s stopped people are still in a sequence."),
        "SELECT e.id FROM nurturing_enrollment e JOIN nurturing_standing s ON s.contact_id = e.contact_id AND s.state = 'stopped'"
        " WHERE e.ended_at IS NULL",
    ),
    Check(
        "stopped_and_queued",
        gettext_lazy("%(count)s stopped people still wait in the queue."),
        "SELECT h.id FROM nurturing_handoff h JOIN nurturing_standing s ON s.contact_id = h.contact_id AND s.state = 'stopped'"
        " WHERE h.closed_at IS NULL",
    ),
    Check(
        "hand_off_never_cools",
        gettext_lazy("%(count)s hot hand-offs should have cooled and are still open."),
        "SELECT h.id FROM nurturing_handoff h JOIN nurturing_standing s ON s.contact_id = h.contact_id"
        " WHERE h.closed_at IS NULL AND h.kind = 'hot' AND s.state = 'hot' AND h.cools_at < s.next_at - interval '1 hour'",
    ),
    Check(
        "reminder_slept_through",
        gettext_lazy("%(count)s reminders are due and the clock will come too late."),
        "SELECT r.id FROM nurturing_reminder r JOIN nurturing_standing s ON s.contact_id = r.contact_id"
        " WHERE r.done_at IS NULL AND s.state <> 'stopped' AND s.next_at > r.at + interval '1 hour' AND s.next_at > %(now)s",
    ),
    Check(
        "claim_unknown_to_the_clock",
        gettext_lazy(
            "%(count)s claims are unknown to the clock: mails could go out in the middle of the conversation."
        ),
        "SELECT c.id FROM sales_claim c LEFT JOIN nurturing_saleshold h"
        " ON h.kind = 'claim' AND h.reference = c.id AND h.ended_at IS NULL"
        " WHERE c.released_at IS NULL AND c.expires_at > %(now)s AND h.id IS NULL",
    ),
    Check(
        "opportunity_unknown_to_the_clock",
        gettext_lazy(
            "%(count)s open opportunities are unknown to the clock: mails could go out in the middle of the conversation."
        ),
        "SELECT o.id FROM sales_opportunity o LEFT JOIN nurturing_saleshold h"
        " ON h.kind = 'opportunity' AND h.reference = o.id AND h.ended_at IS NULL WHERE o.closed_at IS NULL AND h.id IS NULL",
    ),
    Check(
        "held_for_nobody",
        gettext_lazy("%(count)s people are held for sales although nobody there has them."),
        "SELECT h.id FROM nurturing_saleshold h"
        " LEFT JOIN sales_claim c ON h.kind = 'claim' AND c.id = h.reference AND c.released_at IS NULL"
        " LEFT JOIN sales_opportunity o ON h.kind = 'opportunity' AND o.id = h.reference AND o.closed_at IS NULL"
        " WHERE h.ended_at IS NULL AND c.id IS NULL AND o.id IS NULL",
    ),
    Check(
        "import_rows_missing",
        gettext_lazy("%(count)s imports have rows that nobody accounted for."),
        "SELECT b.id FROM contacts_importbatch b WHERE b.state = 'done' AND b.rows IS DISTINCT FROM"
        " (SELECT count(*) FROM contacts_importrow r WHERE r.batch_id = b.id)",
    ),
    Check(
        "erased_and_still_here",
        gettext_lazy("%(count)s erased people still have an address, a name or a phone number here."),
        "SELECT id FROM contacts_contact WHERE erased_at IS NOT NULL"
        " AND (email IS NOT NULL OR first_name <> '' OR last_name <> '' OR phone <> '')"
        " UNION SELECT c.id FROM contacts_contact c JOIN nurturing_send s ON s.contact_id = c.id"
        " WHERE c.erased_at IS NOT NULL AND s.address <> ''",
    ),
    Check(
        "erased_and_back",
        gettext_lazy(
            "%(count)s erased people are here again: a backup was restored. Run manage.py replay_erasures."
        ),
        "SELECT c.id FROM contacts_erasure e JOIN contacts_contact c ON c.id = e.contact_id AND c.created_at = e.made_at"
        " WHERE c.erased_at IS NULL",
    ),
)
