"""Columns that say whether we may write or call, by the words of their headers: "Vill ej ha nyhetsbrev", "May we contact you?",
"Reservert mot e-post". A table of whole headers cannot know them all, and the one that it does not know costs a person their no.
"""

import re

from contacts.reading import values, words

OPT_OUT, OPT_IN, DO_NOT_CALL, MAY_CALL = "opt_out", "opt_in", "do_not_call", "may_call"
FIELDS = (OPT_OUT, OPT_IN, DO_NOT_CALL, MAY_CALL)

# A no by itself, whatever it is about…
_NO = re.compile(
    r"""(?ix)\b(?:avreg\w* | avpren\w* | avanm[äa]l\w* | avmeld\w* | afmeld\w* | fr[aå]m[eä]l[dl]\w* | frabed\w* | unsub\w*
    | opt(?:ed)?[ -]?out\w* | optat\ ut | undanber\w* | undanbett | avböj\w* | tackat\ nej | reserver(?:ad|at|t)\w* | reservasjon
    | reservation\ (?:mot|mod) | nix\w* | (?:ut)?(?:sänd|skick|mail|mejl|e-?post|reklam|brev|adress|dm)?s?-?sp[äa]rr\w*
    | sperr\w* | \w*sperre | block(?:ed|list\w*|erad|ert) | blacklist\w* | suppress\w*
    | ab(?:ge)?meld\w* | meldt\ av | withdrawn | revoked | återkall\w* | tilbakekal\w* | gesperrt | widerspr\w*
    | \w*kiel(?:to|lett\w*)\w* | peru(?:ttu|utettu)\w* | studsa[dt]\w* | \w*beskytt(?:et|else)
    | \w*skydd(?:ad|at)? | spam\w* | studs | (?:e-?mail|mail)?\ ?(?:hard\ ?)?bounce[ds]?)\b"""
)
# …and one that counts only beside what it is about.
_NOT = re.compile(
    r"(?i)\b(?:ej|inte|icke|ingen|inga|inget|nej|ikke|ikkje|intet|nei|not|never|don['’]?t|stop|stopp|kein\w*|nicht|nein|ei|eivät|älä)\b"
    r"|^no\b(?!\.)"
)
_YES = re.compile(
    r"""(?ix)\b(?:samtyck\w* | samtykk\w* | \w*consent\w* | einwillig\w* | \w*suostum\w* | \w*lupa | ok | okej | får | må | may | can\ we
    | darf | tillåt\w* | tillat\w* | tillad\w* | allow\w* | permi\w* | godk\w+n\w* | godkjen\w* | godken\w* | vill | vil | ønsk\w* | önsk\w*
    | wants? | accept\w* | aksept\w* | opt(?:ed)?[ -]?in | mottar | modtag\w* | receive\w* | erlaub\w*
    | haluan | sallit\w* | saa | saako | kan
    | agree\w*
    | prenumer\w* | abonn\w* | subscri\w* | ja\ (?:till|til|takk|tack|tak))\b"""
)
_CONSENT = re.compile(
    r"(?i)samtyck|samtykk|consent|einwillig|suostum|opt(?:ed)?[ -]?in|gdpr|markkinointilupa"
)
_MARKETING = re.compile(
    r"(?i)utskick|utsend|nyhetsbrev|nyhedsbrev|newsletter|uutiskirj|reklam|markn?adsför|markedsfør|marketing|markkinoin|werbung|mailing"
    r"|direktmail|\bdm\b|erbjudand|\btilbud|inbjud|inbyd|invit|kutsu|einladung|nyheter|nyheder|\bnews\b|updates|uppdateringar|oppdateringer"
)
_TOPIC = re.compile(  # by itself; in a longer word it may as well mean the opposite
    r"(?i)utskick|nyhetsbrev|nyhedsbrev|newsletter|uutiskirje|(?:direkt)?reklame?|(?:direkt)?mark(?:nads|eds)föring|(?:direkte)?markedsføring"
    r"|(?:e-?mail )?marketing|(?:suora)?markkinointi|werbung|mailings?|utsendelser"
    r"|marknadsmaterial|reklammaterial|prenumerant|abonnent|abonnemang|subscriber|tilaaja|abonniert"
)
_MAIL = re.compile(
    r"(?i)mail|mejl|e-?post|sähköpost|\bbrev|kontakta|kontaktes|kontaktier|kontaktaufn|\bcontact|yhtey|skicka|sende|sendung|\bkontakt\b"
)
_SUBSCRIPTION = re.compile(r"(?i)prenumer|abonn|subscri")
_CALL = re.compile(r"(?i)\bring|telefon|samtal|\bcall|phone|puhel|soitt|anruf|\btlf|\bnix")
_SHORT_MESSAGE = re.compile(r"(?i)\bsms|text message|tekstiviesti|push|whatsapp|vykort|postal|papper")
_WHEN = re.compile(
    r"(?i)date|datum|dato\b|tid\b|tidpunkt|time|\bpvm|päivä|aika\b|timestamp|\bat$|\bwhen|när\b"
)
_SOURCE = re.compile(r"(?i)source|källa|kilde|quelle|lähde|method|via vad")
_WORDING = re.compile(r"(?i)text|wording|ordalyd|statement|version")
# About money, parcels, links and figures: no wish.
_ELSE = re.compile(
    r"(?i)kredit|credit|leveran|levering|deliver|order|faktura|invoice|lasku|inköp|betal|payment|url\b|link|länk|lenke|\bantal|count|rate\b"
    r"|score|campaign|reason_other|\bid$|title"
)


def field_of(header: str) -> str:
    """The field of a column about permission, "" for any other column."""
    said = re.sub(r"[_.:*]+", " ", re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", header)).strip()
    if not 1 < len(said) < 160 or _ELSE.search(said):
        return ""
    mail = bool(_MAIL.search(said) or _MARKETING.search(said))
    call = bool(_CALL.search(said))
    if _SHORT_MESSAGE.search(said) and not _MAIL.search(said):
        return ""
    if (
        _LEFT.search(said)
        or _NO.search(said)
        or (_NOT.search(said) and (mail or call or _SUBSCRIPTION.search(said)))
    ):
        return DO_NOT_CALL if call and not mail else OPT_OUT
    if (_YES.search(said) and mail) or _CONSENT.search(said):
        if call and not _MARKETING.search(said) and not re.search(r"(?i)mail|e-?post|brev", said):
            return MAY_CALL
        return _about_consent(said)
    if call and _YES.search(said):
        return MAY_CALL
    return OPT_IN if _TOPIC.fullmatch(said) else ""


_BOUNCED = re.compile(r"(?i)bounce|^clean|studs|undeliver")
_LEFT = re.compile(
    r"(?i)\bslutat|sluttet|\bhas left|former ?employee|fratr[aä]dt|l[aä]mnat|no longer (?:at|with)|ausgeschieden|ei enää"
)


def reason_of(header: str) -> str:
    """The reason for a stop that a column is about."""
    if _BOUNCED.search(header):
        return "bounced"
    if re.search(r"(?i)\bspam|complain|klag", header):
        return "complained"
    return "left_company" if _LEFT.search(re.sub(r"[_.]+", " ", header)) else "opted_out_in_list"


def _about_consent(said: str) -> str:
    if re.search(r"(?i)\bip\b|ip-?adr", said):
        return "consent_ip"
    for form, field in ((_WHEN, "consent_at"), (_SOURCE, "consent_source"), (_WORDING, "consent_wording")):
        if form.search(said):
            return field if _CONSENT.search(said) or _MARKETING.search(said) else ""
    return OPT_IN


def fits(field: str, header: str, cells: list[str]) -> bool:
    """Whether the cells of a column can be answers to such a question; no cells can be anything."""
    if any(cell.startswith(("http://", "https://")) for cell in cells):
        return False
    if field not in FIELDS or (field == OPT_OUT and _NO.search(header) and not _LEFT.search(header)):
        return True
    return sum(1 for cell in cells if _answers(cell)) >= 0.8 * len(cells)


def _answers(cell: str) -> bool:
    word = values.text(cell).casefold()
    return (
        values.yes(cell) is not None
        or bool(values.mail_status(cell))
        or word in words.STILL_IN
        or word in words.FORBIDDEN
        or bool(re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b", word))
    )
