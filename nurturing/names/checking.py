"""Look at all that decides whether a domain's mails are believed: MX, SPF, DKIM, DMARC, alignment, reverse DNS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contacts import network
from nurturing.names import known, policy, spf
from nurturing.names.asking import Names, Unanswered
from nurturing.names.findings import Finding, Record, State

MOST_TEXT = 500  # of a record that is shown


@dataclass(frozen=True, slots=True)
class Question:
    """What a sender tells about itself."""

    domain: str  # of the from address
    return_domain: str  # of the address that bounces come back to
    answers_domain: str  # of the address that answers go to
    transport: str
    host: str = ""  # the mail server, when it is one
    selectors: tuple[str, ...] = ()  # that an admin typed in


def check(asked: Question, names: Names) -> list[Finding]:
    """All findings, in the order of the page. Never raises for what a name server does."""
    source = known.of(asked.transport, asked.host)
    policies = _asked(names, asked.domain)
    parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("mx", lambda: _mx(asked, names)),
        ("spf", lambda: _spf(asked, source, names)),
        ("dkim", lambda: _dkim(asked, source, names)),
        ("dmarc", lambda: _dmarc(asked, names)),
        ("alignment", lambda: _alignment(asked, source, policies)),
        ("reverse", lambda: _reverse(asked, names)),
    )
    found: list[Finding] = []
    for about, look in parts:
        try:
            found += look()
        except Unanswered as error:
            found.append(Finding(about, State.UNCLEAR, "unanswered", {"name": str(error)}))
    return found


def _asked(names: Names, domain: str) -> list[policy.Dmarc]:
    try:
        return policy.dmarc(names, domain)
    except Unanswered:
        return []


def _mx(asked: Question, names: Names) -> Iterator[Finding]:
    for domain in dict.fromkeys((asked.answers_domain, asked.return_domain)):
        servers = [server for _rank, server in names.mail_servers(domain)]
        values = {"domain": domain, "servers": ", ".join(servers)}
        if servers in (["."], [""]):
            yield Finding("mx", State.WRONG, "mx_refuses", values)
        elif servers:
            yield Finding("mx", State.GOOD, "mx_good", values)
        elif names.addresses(domain):
            yield Finding("mx", State.NOTE, "mx_by_address", values)
        else:
            yield Finding("mx", State.MISSING, "mx_missing", values)


def _spf(asked: Question, source: known.Known, names: Names) -> Iterator[Finding]:
    domain = asked.return_domain
    there = spf.records(names, domain)
    values: dict[str, object] = {"domain": domain, "include": source.spf}
    found = tuple(text[:MOST_TEXT] for text in there)
    fresh = " ".join(["v=spf1", f"include:{source.spf}" if source.spf else _own_server(asked), "~all"])
    if not there:
        state = State.NOTE if source.own_return else State.MISSING
        code = "spf_missing_note" if source.own_return else "spf_missing"
        yield Finding("spf", state, code, values, (Record(domain, "TXT", fresh),))
        return
    if len(there) > 1:
        merged = spf.merged(there)
        yield Finding("spf", State.WRONG, "spf_several", values, (Record(domain, "TXT", merged),), found)
        return
    read = spf.read(there[0], names)
    values |= {"lookups": read.lookups, "terms": ", ".join(read.unknown), "empty": ", ".join(read.empty)}
    troubles = [
        (State.WRONG, "spf_everybody", read.last == "+"),
        (State.WRONG, "spf_too_many", read.lookups > spf.MOST_LOOKUPS),
        (State.WRONG, "spf_unknown", bool(read.unknown)),
        (State.WRONG, "spf_empty_include", bool(read.empty)),
        (State.NOTE, "spf_no_end", read.last in ("", "?")),
    ]
    seen = [Finding("spf", state, code, values, (), found) for state, code, is_so in troubles if is_so]
    if source.spf and source.spf not in read.included:
        better = spf.with_include(there[0], source.spf)
        state = State.NOTE if source.own_return else State.WRONG
        paste = (Record(domain, "TXT", better),)
        seen.append(Finding("spf", state, "spf_without_provider", values, paste, found))
    yield from seen or [Finding("spf", State.GOOD, "spf_good", values, (), found)]


def _own_server(asked: Question) -> str:
    return f"a:{asked.host}" if asked.host and not asked.host[0].isdigit() and ":" not in asked.host else "mx"


def _dkim(asked: Question, source: known.Known, names: Names) -> Iterator[Finding]:
    selectors = tuple(dict.fromkeys((*asked.selectors, *source.selectors)))
    keys = [key for one in selectors if (key := policy.key(names, one, asked.domain)) is not None]
    for key in keys:
        values = {"selector": key.selector, "domain": asked.domain, "bits": key.bits}
        state = State.GOOD if key.state == "good" else State.WRONG
        yield Finding("dkim", state, f"dkim_{key.state}", values)
    lacking = [one for one in asked.selectors if one not in {key.selector for key in keys}]
    for one in lacking:
        yield Finding("dkim", State.MISSING, "dkim_not_there", {"selector": one, "domain": asked.domain})
    if not keys and not lacking:
        dashed = asked.domain.replace(".", "-")
        paste = tuple(
            Record(f"{selector}._domainkey.{asked.domain}", "CNAME", target.format(dashed=dashed))
            for selector, target in source.keys
        )
        values = {"domain": asked.domain, "selectors": ", ".join(selectors)}
        yield Finding("dkim", State.MISSING, "dkim_missing" if selectors else "dkim_unknown", values, paste)


def _dmarc(asked: Question, names: Names) -> Iterator[Finding]:
    there = policy.dmarc(names, asked.domain)
    values: dict[str, object] = {"domain": asked.domain}
    found = tuple(one.record[:MOST_TEXT] for one in there)
    first = f"v=DMARC1; p=none; rua=mailto:dmarc@{asked.domain}"
    where = f"_dmarc.{asked.domain}"
    if not there:
        yield Finding("dmarc", State.MISSING, "dmarc_missing", values, (Record(where, "TXT", first),))
        return
    if len(there) > 1:
        yield Finding("dmarc", State.WRONG, "dmarc_several", values, (), found)
        return
    (one,) = there
    values |= {"above": one.domain, "asks": one.asks}
    if not one.asks:
        yield Finding("dmarc", State.WRONG, "dmarc_no_policy", values, (Record(where, "TXT", first),), found)
    elif one.asks == "none":
        reports = one.given.get("rua") or f"mailto:dmarc@{asked.domain}"
        stricter = f"v=DMARC1; p=quarantine; rua={reports}"
        paste = (Record(f"_dmarc.{one.domain}", "TXT", stricter),)
        yield Finding("dmarc", State.NOTE, "dmarc_none", values, paste, found)
    else:
        yield Finding("dmarc", State.GOOD, "dmarc_good", values, (), found)
    if one.asks and not one.given.get("rua"):
        yield Finding("dmarc", State.NOTE, "dmarc_no_reports", values, (), found)


def _alignment(asked: Question, source: known.Known, policies: list[policy.Dmarc]) -> Iterator[Finding]:
    values = {"domain": asked.domain, "returns": asked.return_domain}
    if source.own_return:
        yield Finding("alignment", State.NOTE, "alignment_by_dkim", values)
        return
    strict = bool(policies) and policies[0].given.get("aspf", "r").lower() == "s"
    above = policies[0].domain if policies else asked.domain
    if policy.is_aligned(asked.domain, asked.return_domain, above, strict=strict):
        yield Finding("alignment", State.GOOD, "alignment_good", values)
    else:
        code = "alignment_strict" if strict else "alignment_other"
        yield Finding("alignment", State.NOTE, code, values)


def _reverse(asked: Question, names: Names) -> Iterator[Finding]:
    if not asked.host:
        yield Finding("reverse", State.GOOD, "reverse_provider")
        return
    addresses = [asked.host] if _is_address(asked.host) else names.addresses(asked.host)
    outside = [one for one in addresses if network.is_outside(one)][:4]
    values = {"host": asked.host}
    if not addresses:
        yield Finding("reverse", State.MISSING, "reverse_no_server", values)
    elif not outside:
        yield Finding("reverse", State.NOTE, "reverse_inside", values)
    for address in outside:
        theirs = names.names_of(address)
        good = next((one for one in theirs if address in names.addresses(one)), "")
        told = {**values, "address": address, "name": good or ", ".join(theirs)}
        if good:
            yield Finding("reverse", State.GOOD, "reverse_good", told)
        else:
            yield Finding("reverse", State.WRONG, "reverse_other" if theirs else "reverse_missing", told)


def _is_address(host: str) -> bool:
    try:
        network.is_outside(host)
    except ValueError:
        return False
    return True
