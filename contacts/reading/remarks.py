"""What a colleague wrote beside a person: "Ring ej!", "vill inte ha mail". A no stands there as often as in a column of its own."""

import re

from contacts.reading.permission import DO_NOT_CALL, OPT_OUT

LONGEST = 200  # characters; a longer one tells a story, in which anything may be denied
_NOT = r"(?:ej|inte|ikke|aldrig|aldri|not|nicht|never)"
_CALL = r"(?:ring|ringa|ringe|ringas|ringes|call|phone|telefonera|soita|soittaa|anrufen|uppringd)"
_WRITE = (
    r"(?:(?:e-?)?mails?|maila|mailas|mejla?|mejlas|e-?post|skicka|send|sende|skriv|skriva|skrive|kontakta|kontaktas|kontakte|kontaktes|contact"
    r"|kontaktieren|reklame?|nyhetsbrev|nyhedsbrev|newsletters?|utskick|utsendelser|werbung|yhteyttä|mainoksia|sähköpostia)"
)
_NO = r"(?:ej|inte|ikke|inga|ingen|inget|aldrig|aldri|do not|don['’]?t|no|never|stop|stoppa|nicht|kein\w*|älä|ei saa|ei)"
_MORE = r"(?:\s+(?:fler|flere|mer|more|weitere|ottaa|lähettää|emails? or))?"
_WISH = r"\b(?:vill?|önskar|ønsker|wants?|wishes)\s+(?:ej|inte|ikke|no|not)\b[^.!]{0,40}?"
_OF_CALLS = re.compile(rf"(?i)\b{_CALL}\s+{_NOT}\b|\b{_NO}{_MORE}\s+{_CALL}\b|{_WISH}\b{_CALL}\b")
_OF_MAIL = re.compile(
    rf"(?i)\b{_WRITE}\s+{_NOT}\b(?!\s+(?:svar|gick|fram|work))|\b{_NO}{_MORE}\s+{_WRITE}\b|{_WISH}\b{_WRITE}\b"
    r"|\bundanber|\bavböj\w* (?:mail|mejl|utskick|kontakt|reklam)|\breserver(?:ad|at) mot|\bunsubscribe|\bavregistrera"
)
# One of these stands in every no; most remarks hold none, and the rest is not asked of them.
_TELLING = frozenset(
    """
    ej inte ikke inga ingen inget aldrig aldri not no never don dont stop stoppa nicht kein keine keinen älä ei undanber avböjt avböjer
    reserverad reserverat unsubscribe avregistrera slutat sluttet stoppet fratrådt left längre lenger enää ausgeschieden
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"\w+")
LEFT = "left_company"
_LEFT = re.compile(
    r"(?i)^\W*(?:(?:har |er |is )?(?:slutat|sluttet|stoppet|fratrådt)\b(?! (?:svara|köpa|kjøpe))|"
    r"(?:jobbar|arbetar|jobber|arbeider|är|er) (?:inte|ej|ikke) "
    r"(?:längre |lenger |længere )?(?:kvar|her|hos)|(?:has )?left (?:the )?company|no longer (?:with|at|works)"
    r"|ei enää (?:töissä|palveluksessa)"
    r"|nicht mehr (?:im|bei)|ausgeschieden)"
)
_BY_PHONE = re.compile(r"(?i)telefon|phone|samtal|puhel")
_LETTERS = re.compile(r"(?i)mail|mejl|e-?post|utskick|brev|reklam")


def refusal(remark: str) -> str:
    """OPT_OUT, DO_NOT_CALL or LEFT when a remark about a person says so in plain words, else ""."""
    if len(remark) > LONGEST or _TELLING.isdisjoint(_WORD.findall(remark.casefold())):
        return ""
    if _LEFT.search(remark):
        return LEFT
    if found := _OF_MAIL.search(remark):
        by_phone = _BY_PHONE.search(remark, found.start()) and not _LETTERS.search(remark, found.start())
        return DO_NOT_CALL if by_phone else OPT_OUT
    return DO_NOT_CALL if _OF_CALLS.search(remark) else ""
