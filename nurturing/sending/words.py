"""Every reason that a send can carry, as a sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    # judged before it left
    "too_late": _("It would have come too late to make sense."),
    "went_live": _("It was meant for the sandbox, and the silo has gone live since."),
    "not_live": _("The silo is not live."),
    "no_address": _("There is no address to write to."),
    "stopped": _("They are stopped."),
    "sequence_ended": _("Their run through the sequence has ended."),
    "piece_retired": _("The piece was taken out of the library."),
    "no_text": _("There is no published text for it."),
    "step_removed": _("The step was taken out of the sequence while the mail waited."),
    "merged": _("They got it under another entry, which is one with this one now."),
    "hot": _("They wait in the hot queue: no mail in the middle of that."),
    "with_sales": _("A salesperson has them: no mail in the middle of the conversation."),
    "paused": _("They asked for a pause."),
    "cap": _("They have had as many mails this week as one person may get."),
    "closed": _(
        "It had to wait until after office hours, a weekend or a holiday of theirs: it goes when their office is open again."
    ),
    "sender_incomplete": _("The sender is not set up completely."),
    "on_hold": _("All sending is stopped."),
    "limit_sender": _("As many mails as may leave through %(what)s have left. It waits for its turn."),
    "limit_host": _("As many mails as may go to %(what)s at a time have gone. It waits for its turn."),
    "warm_up": _(
        "%(what)s is being made known slowly, and its mails of this day have left. It waits for its turn."
    ),
    "receiver_waits": _("%(what)s refuses or puts off too many mails. It waits until one has got through."),
    # filled in
    "missing": _("A merge field is empty for this person: %(what)s."),
    "template": _("The text could not be filled in for this person."),
    "error": _("Something of ours broke on this mail. The details are kept with it."),
    "bad_address": _("The address cannot be sent to."),
    "bad_header": _("The mail's head cannot hold what stands in it."),
    "bad_stop_link": _("The stop link is no web address."),
    "header_injection": _("A name or subject holds a line break. Somebody may have put it there on purpose."),
    # handed over
    "server_busy": _("The mail server was busy."),
    "server_error": _("The mail server had a fault of its own."),
    "mailbox_busy": _("The recipient's server asked us to come back later."),
    "storage": _("The recipient's server was full."),
    "login": _("The mail server did not accept our login."),
    "sender_refused": _("The mail server refused our from address."),
    "no_mailbox": _("There is no such mailbox."),
    "moved": _("The mailbox has moved."),
    "too_big": _("The mail is too big for the recipient's server."),
    "mailbox_full": _("The recipient's mailbox is full."),
    "policy": _("The recipient's server refused the mail by its rules."),
    "refused": _("The recipient's server refused the mail."),
    "unreachable": _("The mail server could not be reached."),
    "no_server": _("There is no server of the name that is set."),
    "inside": _("The mail server is inside our own network, and nobody has allowed that."),
    "tls": _("The mail server could not prove who it is, or does not encrypt."),
    "line_dropped": _("The line to the mail server broke before the mail had left."),
    "no_answer": _("The mail was handed over, and no answer came: it may have left or not."),
    "worker_lost": _("The worker was lost while it handed the mail over: it may have left or not."),
    # decided by a person, or by what came back
    "counted_as_sent": _("A colleague decided to count it as sent."),
    "sent_again": _("A colleague put it back into the queue."),
}
