"""A mail that came back: is it a person's reply, a machine's answer, or somebody who wants no more?

Headers decide first (RFC 3834), then the subject's first words, because some responders set no header at
all. A subject counts only at its start and after "Re:", "SV:" and "VS:" are taken off: a person who
writes about the holidays is still a person.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mailparser_reply import EmailReplyParser

from nurturing.inbound import away, stops

# The parser's patterns are quadratic at worst; a reply that somebody typed is shorter than this.
READ_LENGTH = 40_000
LANGUAGES = ["en", "sv", "da", "de", "nl", "fr"]


class Kind(StrEnum):
    """What sort of mail it is; the values are those of the model."""

    HUMAN = "human"
    OUT_OF_OFFICE = "out_of_office"
    LEFT = "left"
    AUTOMATIC = "automatic"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as it reached us, whichever way. Header names are in lower case; a header may come more than
    once.
    """

    headers: Mapping[str, tuple[str, ...]]
    subject: str
    text: str
    html: str = ""
    from_address: str = ""
    envelope_sender: str | None = None
    to_addresses: tuple[str, ...] = ()
    content_type: str = "text/plain"
    # What a report holds beside its words: see inbound.parsing.
    statuses: tuple[Mapping[str, str], ...] = ()
    feedback: Mapping[str, str] = field(default_factory=dict)
    returned: str = ""
    inline_text: str = ""
    failed_addresses: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first header of a name, or an empty text."""
        return next(iter(self.headers.get(name.lower(), ())), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What it is, why we think so, and what the person wrote without the mail they quote."""

    kind: Kind
    because: str
    text: str


_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|sv|vs|aw|antw|ang|fw|fwd|vb|vl|wg|tr)(?:\[\d+\]|\(\d+\))?\s*:\s*)+", re.IGNORECASE
)
AWAY_SUBJECT = re.compile(
    r"""(?ix)^\s*(?:\[[^\]]{1,30}\]\s*)?(?:
      automatic\ reply | auto(?:matic)?[- ]?(?:re(?:ply|sponse|sponder)|answer) | auto:\ | (?:i\ am[ ]
      |i'm\ )?(?:currently\ )?out\ of\ (?:the\ )?office
    | ooo\b | vacation\ (?:reply|notice|message|response) | away\ (?:from\ (?:the\ office|my\ (?:mail|desk))|message|notice
    |until|notification) | on\ (?:vacation|leave|holiday)\b | absence(?:\s*:|\s+(?:notice|message|from)|\s*$)
    | i\ am\ (?:out|away|on\ (?:leave|vacation|holiday))
    | auto-?svar | automatiskt?\ (?:e-post)?(?:svar|meddelande|besked) | automatisk\ (?:fravær\w*|beskjed|svar\w*|besvarelse
    |e-mail) | semestermeddelande | semestersvar | semesterhälsning | frånvar\w+
    | (?:jag\ är\ |jeg\ er\ )?(?:ute\ av|ikke\ på|ej\ på|inte\ på|ikke\ til\ stede\ på|borte\ fra|væk\ fra|utanför)\ kontoret
    | (?:ikke|ej|inte)\ til\ ?stede\b
    | fravær(?:ende|s?melding|s?besked|s?meddelelse)? | fraværsassistent | feriesvar | ferie(?:besked|melding)
    | på\ (?:semester|ferie)(?:\s|:|$)(?!.*\?) | föräldraledig(?:het)?\b | (?:barsel|foreldrepermisjon)\b
    | automaattinen\ (?:vastaus|ilmoitus|poissaolo\w*) | poissa(?:olo\w*)?(?:\ toimistolta)?\b | lomavastaus | lomalla\b
    | olen\ (?:lomalla|poissa) | autom\.?\ vastaus
    | abwesen(?:d|heit)\w* | automatische\ (?:antwort|rückmeldung|e-?mail) | auto(?:matische\ )?antwort | urlaubs?(?:vertretung
    |nachricht|notiz|abwesenheit)\w* | nicht\ im\ (?:büro|haus)
    | réponse\ automatique | absence\ du\ bureau | automatisch\ antwoord | afwezig | risposta\ automatica
    | respuesta\ automática | fuera\ de\ la\ oficina
    )"""
)
# One word that people write about, too: it counts only over a text that tells of an absence and asks nothing.
_AWAY_WORD_SUBJECT = re.compile(
    r"(?i)^\s*(?:semester|sommarsemester|ferie|sommerferie|juleferie|loma|kesäloma|urlaub|vacation|holiday)s?\s*(?::|\s(?:re|sv|vs|aw)\s?:)"
)
_RECEIPT_SUBJECT = re.compile(
    r"""(?ix)^\s*(?:read: | (?:läst|lest|læst|luettu|gelesen|lu)\ ?: | not\ read: | oläst: | ulest: | ikke\ lest: | ikke\ læst:
    | ungelesen: | gelöscht: | deleted: | raderad: | read\ receipt | läskvitto | lesebekreftelse | kvittering: | lukukuittaus
    | lesebestätigung
    | delivered: | levererat: | levert: | undeliver | mail\ delivery | delivery\ (?:status|failure) | returned\ mail
    | kunde\ inte\ leverera | kan\ ikke\ leveres)"""
)
# A ticket system or a form that thanks; only beside another sign, as people write subjects like these, too.
_TICKET_SUBJECT = re.compile(
    r"""(?ix)^\s*(?:\[?(?:ticket|case|ärende|sak|sag|tiketti|tapaus|anfrage|support|request)\b[^\]]{0,40}\#?\d|\[?\#\d{3,}
    |(?:thank\ you\ for\ (?:contacting|your\ (?:e-?mail|message|inquiry))|we\ (?:have\ )?received\ your)
    |(?:vi\ har\ (?:tagit\ emot|mottagit|mottatt|modtaget)|tack\ för\ (?:att\ du\ kontakta|ditt)|takk\ for\ (?:din|at\ du)
    |tak\ for\ din)|kiitos\ (?:yhteydenotosta|viestistä)|(?:vielen\ )?dank\ für\ ihre|eingangsbestätigung|bekräftelse
    |bekreftelse\ på|kuittaus)"""
)
_TICKET_TEXT = re.compile(
    r"""(?ix)(?:this\ is\ an?\ auto(?:mated|matic)|automatically\ generated|do\ not\ reply\ to\ this|(?:detta|det\ här)\ är\ ett\ auto
    |(?:mailet|meddelandet|mejlet)\ (?:går\ inte\ att|kan\ inte)\ (?:svara|besvaras)|svara\ inte\ på\ detta|dette\ er\ (?:en[ ]
    |et\ )?auto|ikke\ svar\ på\ denne|kan\ ikke\ besvares
    |tämä\ on\ automaatti|älä\ vastaa|diese\ (?:e-?mail|nachricht)\ wurde\ automatisch|antworten\ sie\ (?:bitte\ )?nicht
    |(?:your|ditt|din|deres|ihre?)\ (?:request|case|ticket|ärende|sak|sag|henvendelse|anfrage|meddelande|mejl)\ (?:has\ been
    |har\ (?:blivit\ |tagits\ |fått|mottatts)|er\ (?:mottatt|modtaget)|ist\ eingegangen|wurde))"""
)
_AUTO_HEADERS = (
    *(
        "x-autoreply",
        "x-autorespond",
        "x-auto-reply",
        "x-autogenerated",
        "x-mail-autoreply",
        "x-autoreply-from",
    ),
    *(
        "x-auto-respond",
        "x-vacation",
        "x-ooo",
        "x-facebook-notify",
        "x-autoresponder",
        "x-ms-exchange-generated-message-source",
    ),
)
_NO_REPLY = re.compile(
    r"(?:mailer-daemon|postmaster|(?:do-?|please-?)?no(?:t)?[-_.]?reply\w*|(?:ikke|ei|inte|ej)-?svar\w*|keine-?antwort"
    r"|auto-?(?:svar|reply|responder)|vacation|bounces?)(?:[-+].*)?$"
)
_WROTE = re.compile(
    r"(?i)\b(?:skrev|kirjoitti|wrote|schrieb|a écrit|escribió|ha scritto|schreef|napisał\w?|написал\w?)\b.*:$"
)
# What a telephone adds to what its owner wrote.
_BY_PHONE = re.compile(
    r"(?i)(?:^|\n)\s*(?:(?:skickat|skickades|sendt|lähetetty|gesendet|sent|envoyé)\s"
    r"(?:från|fra|mit|von|from|with|via|depuis|iphonesta|minun)|von meinem"
    r"|(?:hämta|hent|last ned|hae|get|download|laden sie|holen sie sich)\s(?:\w+\s)?outlook|outlook (?:för|for|für)\s)"
    r"[^\n]{0,80}\s*\Z|\n\s*lähetetty \w+[^\n]{0,60}\s*\Z"
)
_FROM_LINE = re.compile(r"(?i)^\*?(?:från|fra|lähettäjä|von|from|de|da|van|od)\s?:")
_SENT_LINE = re.compile(
    r"(?i)^\*?(?:skickat|sendt|lähetetty|gesendet|sent|date|datum|dato|päivämäärä|pvm|envoyé|data|enviado)\s?:"
)
_RULE = re.compile(r"^[_\-=*]{5,}")
_TAG = re.compile(r"(?s)<(?:style|script|head|title)\b.*?</(?:style|script|head|title)>|<!--.*?-->")
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>")
_ANY_TAG = re.compile(r"<[^>]{0,2000}>")
_QUOTE_BLOCK = re.compile(
    r"(?is)<blockquote\b.*$|<div[^>]{0,200}(?:gmail_quote|divRplyFwdMsg|appendonsend).*$"
)


def read(mail: Incoming) -> Reading:
    """Tell the kinds apart and cut the quotation away."""
    text = written(mail)
    because = machine_sign(mail) or ("reads_like_a_note" if away.reads_like_a_note(text) else "")
    if because:
        return Reading(_machine_kind(mail, because, text), because, text)
    if stops.asks_to_stop(text):
        return Reading(Kind.STOP, "asks_to_stop", text)
    return Reading(Kind.HUMAN, "", text)


def _machine_kind(mail: Incoming, because: str, text: str) -> Kind:
    """Absent for a while, gone for good, or a machine with something else to say."""
    if because in ("report", "receipt_subject", "mailing_list"):
        return Kind.AUTOMATIC
    subject = _bare_subject(mail.subject)
    if away.has_left(f"{subject}. {text}"):
        return Kind.LEFT
    if AWAY_SUBJECT.search(subject) or away.is_away(text):
        return Kind.OUT_OF_OFFICE
    if _TICKET_SUBJECT.search(subject) or _TICKET_TEXT.search(text):
        return Kind.AUTOMATIC
    vacation = mail.header("auto-submitted").strip().lower().startswith("auto-replied")
    answers = vacation or any(mail.header(name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply"))
    return Kind.OUT_OF_OFFICE if answers else Kind.AUTOMATIC


def machine_sign(mail: Incoming) -> str:
    """The sign by which a machine is known; empty when a person may have written it."""
    submitted = mail.header("auto-submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return "auto_submitted"
    kind = mail.content_type.lower()
    if kind.startswith(("multipart/report", "message/disposition-notification", "message/delivery-status")):
        return "report"
    for name in _AUTO_HEADERS:
        if mail.header(name).strip().lower() not in ("", "no", "false"):
            return name.replace("-", "_")
    if mail.header("precedence").strip().lower() in ("auto_reply", "auto-reply", "junk", "bulk", "list"):
        return "precedence"
    if mail.envelope_sender is not None and mail.envelope_sender.strip() in ("", "<>"):
        return "null_sender"
    if mail.header("return-path").strip() == "<>":
        return "null_sender"
    if mail.header("list-id") or mail.header("list-unsubscribe"):
        return "mailing_list"
    subject = _bare_subject(mail.subject)
    if AWAY_SUBJECT.search(subject):
        return "away_subject"
    if _AWAY_WORD_SUBJECT.search(subject) and away.is_away(mail.text[:4000]) and "?" not in mail.text[:4000]:
        return "away_subject"
    if _RECEIPT_SUBJECT.search(subject):
        return "receipt_subject"
    if _TICKET_TEXT.search(mail.text[:4000] or plain(mail.html)[:4000]) and (
        _TICKET_SUBJECT.search(subject) or not references(mail)
    ):
        return "ticket"
    local = mail.from_address.rpartition("@")[0].lower()
    if _NO_REPLY.match(local):
        return "no_reply_sender"
    # Outlook sets X-Auto-Response-Suppress on what people send, too, so it never decides alone.
    return ""


def written(mail: Incoming) -> str:
    """What the person wrote, without the mail they answer."""
    whole = mail.text if mail.text.strip() else plain(mail.html)
    whole = whole[:READ_LENGTH].replace("\x00", "").replace("\r\n", "\n")
    above = _below_the_quotation(whole) or _before_the_quotation(whole)
    parsed = EmailReplyParser(languages=LANGUAGES).parse_reply(above)
    return _BY_PHONE.sub("", (parsed or "").strip()) or whole.strip()


def _below_the_quotation(text: str) -> str:
    """What was written under and between the quoted lines, when the quotation stands first; "" otherwise."""
    lines = text.strip().split("\n")
    first = next((at for at, line in enumerate(lines[:4]) if line.startswith(">")), -1)
    if first < 0 or (first and not _WROTE.search(" ".join(lines[:first]).strip()[-400:])):
        return ""
    return "\n".join(line for line in lines[first:] if not line.startswith(">")).strip()


def _before_the_quotation(text: str) -> str:
    """The text above "Anna wrote:" or a block of From, Sent, To: in the languages that the parser does not know."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if place and _begins_a_quotation(lines, place, line.strip()[:400]):
            above = "\n".join(lines[:place])
            if above.strip():
                return above
    return text


def _begins_a_quotation(lines: list[str], place: int, line: str) -> bool:
    if line.startswith(">"):
        return False
    two = f"{line} {lines[place + 1].strip()[:400]}" if place + 1 < len(lines) else line
    if any(_WROTE.search(one) and any(map(str.isdigit, one)) for one in (line, two)):
        return not lines[place - 1].strip() or line[:1].isdigit() or "@" in two
    if _FROM_LINE.match(line) or _RULE.match(line):
        block = [one.strip()[:100] for one in lines[place : place + 5]]
        return any(map(_FROM_LINE.match, block)) and any(map(_SENT_LINE.match, block))
    # Whatever language: an address and a colon, and nothing but quoted lines after it.
    after = next((one for one in lines[place + 1 : place + 4] if one.strip()), "")
    return line.endswith(":") and "@" in line and after.startswith(">")


def plain(markup: str) -> str:
    """HTML as text, well enough to read; nothing of it is ever shown as HTML."""
    markup = _QUOTE_BLOCK.sub("", markup[:READ_LENGTH])
    text = _ANY_TAG.sub("", _BREAK.sub("\n", _TAG.sub("", markup)))
    return re.sub(r"\n{3,}", "\n\n", html.unescape(text)).strip()


def clean(text: str) -> str:
    """Text that a database can keep: no NUL, no half of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def first_words(text: str, length: int = 120) -> str:
    """The beginning of what was written, on one line."""
    said = " ".join(text.split())
    return said if len(said) <= length else said[: length - 1].rstrip() + "…"


def references(mail: Incoming) -> list[str]:
    """The Message-IDs this mail answers, the nearest first, without brackets."""
    found: list[str] = []
    for name in ("in-reply-to", "references"):
        for value in mail.headers.get(name, ()):
            ids = re.findall(r"<([^<>\s]{1,400})>", value[:8000])
            found += ids if name == "in-reply-to" else reversed(ids)
    found += re.findall(r"(?im)^(?:original-)?message-id:\s*<([^<>\s]{1,400})>", mail.text[:READ_LENGTH])
    return list(dict.fromkeys(found))


def plus_tokens(addresses: Iterable[str]) -> list[str]:
    """What stands after the last plus in our own addresses (reply+TOKEN@…), as it was written."""
    return [local.rpartition("+")[2] for address in addresses if "+" in (local := address.rpartition("@")[0])]


def stop_token(subject: str) -> str:
    """The token of a mail that a mail program wrote for its user: "stop TOKEN" (the mailto of List-
    Unsubscribe).
    """
    match = re.match(r"\s*stop\s+([A-Za-z0-9_-]{20,400})\s*$", subject)
    return match.group(1) if match else ""


def _bare_subject(subject: str) -> str:
    return _REPLY_PREFIX.sub("", subject[:1000])
