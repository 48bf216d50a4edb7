"""Every finding as a sentence: what it is, and what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nurturing.names.findings import Finding, State

ABOUT: dict[str, str | Promise] = {
    "mx": _("Where mail to you goes (MX)"),
    "spf": _("Who may send for you (SPF)"),
    "dkim": _("Your signature (DKIM)"),
    "dmarc": _("What others do with forgeries (DMARC)"),
    "alignment": _("Do they belong together (alignment)"),
    "reverse": _("The name of the sending server (reverse DNS)"),
}
STATES: dict[State, str | Promise] = {
    State.GOOD: _("good"),
    State.NOTE: _("could be better"),
    State.MISSING: _("missing"),
    State.WRONG: _("wrong"),
    State.UNCLEAR: _("no answer"),
}
SENTENCES: dict[str, str | Promise] = {
    "unanswered": _("No name server answered for %(name)s. Check again in a while."),
    "mx_good": _("Answers and bounces to %(domain)s reach %(servers)s."),
    "mx_refuses": _(
        "%(domain)s says that it takes no mail: answers and bounces get lost. Let answers go to another domain, or change "
        "its MX record."
    ),
    "mx_by_address": _(
        "%(domain)s has no MX record; mail goes to the server of that name. Say it with an MX record."
    ),
    "mx_missing": _(
        "No server takes mail for %(domain)s: answers and bounces get lost. Add the MX record of your mailbox."
    ),
    "spf_missing": _("%(domain)s does not say who may send for it. Add this record."),
    "spf_missing_note": _(
        "%(domain)s does not say who may send for it. Your provider needs no SPF record here, as bounces go to a domain of "
        "its own; with one, nobody else can send in your name so easily."
    ),
    "spf_several": _(
        "%(domain)s has more than one SPF record, and then none of them counts. Replace them by this one."
    ),
    "spf_everybody": _(
        "The record ends in “+all”: everybody may send for %(domain)s. End it in “~all” or “-all”."
    ),
    "spf_too_many": _(
        "The record needs %(lookups)s look-ups, and with more than 10 it counts as broken. Take out includes that you do "
        "not use any more."
    ),
    "spf_unknown": _("No server understands this in the record, and then none of it counts: %(terms)s."),
    "spf_empty_include": _(
        "The record includes %(empty)s, which has no SPF record: then none of it counts. Take it out."
    ),
    "spf_no_end": _("The record does not say what to do with all others. End it in “~all”."),
    "spf_without_provider": _("The record does not include your provider (%(include)s). Change it to this."),
    "spf_good": _("%(domain)s says who may send for it, with %(lookups)s of at most 10 look-ups."),
    "dkim_good": _("There is a key for the selector %(selector)s."),
    "dkim_short": _("The key for %(selector)s has %(bits)s bits only. Let your provider make one of 2048."),
    "dkim_revoked": _("The key for %(selector)s is withdrawn: its record is empty. Paste the current one."),
    "dkim_broken": _("The record for %(selector)s holds no key that can be read. Paste it once more, whole."),
    "dkim_not_there": _(
        "There is no record at %(selector)s._domainkey.%(domain)s. Paste the one that your provider shows for it."
    ),
    "dkim_missing": _(
        "No key was found for %(domain)s (looked for: %(selectors)s). Your provider shows the record to paste; if it names "
        "another selector, write it below and check again."
    ),
    "dkim_unknown": _(
        "Your provider makes its own selector for each domain: write it below and check again. It stands there beside the "
        "record to paste."
    ),
    "dmarc_missing": _(
        "There is no DMARC record. Gmail, Yahoo and Microsoft ask for one from whoever sends much. Add this: it changes "
        "nothing yet, and reports go to the address in it."
    ),
    "dmarc_several": _("There is more than one DMARC record, and then none counts. Keep one."),
    "dmarc_no_policy": _("The DMARC record does not say what to do (p=). Change it to this."),
    "dmarc_none": _(
        "The policy of %(above)s is “none”: forgeries are only counted. That is enough to be let in. Once the reports show "
        "that your own mails pass for some weeks, change it to this."
    ),
    "dmarc_good": _("The policy of %(above)s is “%(asks)s”: what fails is not believed to be you."),
    "dmarc_no_reports": _(
        "The DMARC record names nobody to report to. Add “rua=mailto:…”, and you see who sends in your name."
    ),
    "alignment_good": _(
        "Bounces come back to %(returns)s, which belongs to %(domain)s: SPF counts for DMARC."
    ),
    "alignment_other": _(
        "Bounces come back to %(returns)s, which is not %(domain)s: SPF does not count for DMARC, so DKIM alone decides. "
        "Choose an address of %(domain)s for bounces."
    ),
    "alignment_strict": _(
        "Bounces come back to %(returns)s, and the DMARC record asks for exactly %(domain)s (aspf=s): DKIM alone decides."
    ),
    "alignment_by_dkim": _(
        "Bounces go to a domain of your provider, so DKIM with %(domain)s decides, unless you set up a return path of your "
        "own there."
    ),
    "reverse_provider": _("Your provider's servers send; their names are its business."),
    "reverse_no_server": _("There is no server named %(host)s."),
    "reverse_inside": _(
        "%(host)s is inside your own network. Look that the address it sends from to the world has a name that leads back to it."
    ),
    "reverse_good": _("%(address)s is called %(name)s, and that name leads back to it."),
    "reverse_missing": _(
        "%(address)s (%(host)s) has no name: many servers refuse its mail. Whoever owns the address must give it one."
    ),
    "reverse_other": _(
        "%(address)s (%(host)s) is called %(name)s, and that name does not lead back to it: many servers refuse its mail."
    ),
}


def sentence(finding: Finding) -> str:
    """The finding in the reader's language."""
    return str(SENTENCES.get(finding.code, finding.code)) % finding.values
