"""A no, written as an answer: "ta bort mig från listan", in Swedish, Norwegian, Danish, Finnish, English and German.

People say it in more ways than a list could hold, out of few words: no + more + mail, stop + sending, take + me + off +
the list. So the words stand in tables by what they do, and here is how they go together.
"""

import re

from nurturing.inbound.words import stop as words

LENGTH = 120  # greeting and closing apart; a longer letter is for a person to read
SHOUTED = 40


def _sentence(pattern: str) -> re.Pattern[str]:
    """`NAME` is a table of words, ~3 up to three words of the same sentence between."""
    with_gaps = re.sub(r"~(\d)", r"[^\\w.!?]+(?:[^\\s.!?]+\\s+){0,\1}?", pattern)
    return re.compile(r"(?i)" + re.sub(r"\b[A-Z]{2,}\b", _table, with_gaps))


def _table(name: re.Match[str]) -> str:
    return rf"\b(?:{getattr(words, name[0])})\b"


_DIRECT = re.compile(rf"(?i)\b(?:{words.DIRECT})")
_TOGETHER = tuple(
    map(
        _sentence,
        (
            r"NO~3WANT~4(?:MAIL|THIS|CONTACTED)",  # we do not wish to receive these mails
            r"WANT~2NO~4(?:MAIL|THIS|CONTACTED|MORE)",  # jag vill inte bli störd
            r"NO~1(?:finnas|stå|vara|være|ligge|be|stehen|olla)~4LIST",  # vill inte finnas med i ert register
            r"WANT~3MAIL~1NO",  # ich möchte Ihren Newsletter nicht mehr bekommen
            r"NO~2MORE~1(?:MAIL|THIS)",  # no more mails
            r"(?:no|inga|ingen|keine?n?|ei)\b~1MAIL\W*(?:MORE|please|tack|takk|tak|kiitos|bitte|danke|$)",  # keine Werbung bitte
            r"NO~1SEND~4(?:MAIL|THIS|MORE)",  # don't send me any more
            r"SEND~2NO~3(?:MAIL|THIS|MORE)",  # skicka inga fler mejl
            r"NO~1(?:CONTACTED|SEND)~1(?:ME|MORE)",  # do not contact me
            r"NO~1MORE~1(?:CONTACTED|SEND)",  # bitte nicht mehr kontaktieren
            r"(?:SEND|CONTACTED)~2(?:inte|aldrig|ej|ikke|nicht)\b~1(?:MORE|$)",  # kontakta mig inte
            r"MAIL~1SHOUT\W*$",  # I am tired of your mails, stop
            r"END~3(?:MAIL|SEND|LIST)",  # sluta skicka, stop your spam
            r"(?:ta|tag|take|get)~4(?:av|af|ur|fra|från|off|out of)\b~1LIST",
            r"REMOVE~2(?:ME|LIST)",  # ta bort mig, bort från listan
            r"(?:ME|LIST)~4REMOVE",  # meine Daten löschen
        ),
    )
)
_BARE_STOP = re.compile(
    rf"(?i)^\W*(?:(?:{words.BEFORE}),? )?(?:{words.SHOUT}|{words.BARE})(?:[,.!]*\s+(?:{words.AFTER}))*[\s.!]*$"
)
_SHOUT = re.compile(rf"(?i)^\W*(?:{words.SHOUT})\W*$")
_NOT_A_STOP = re.compile(rf"(?i){words.NOT}")
_ABOUT = re.compile(rf"(?i)\b(?:{words.ABOUT})\b")
# "Can you take me off the list?" asks nothing.
_POLITE = re.compile(
    r"(?i)^\W*(?:please |snälla |vänligen )?(?:kan|kunde|kunne|skulle|vill|vil|can|could|would|will|gidd?er|tar|könn\w*|würde\w*"
    r"|voi\w*)\s(?:(?:ni|du|dere|i|de|you|sie|ihr|någon|noen|jag|jeg|vi|we)\s)?"
)
# How people begin and end a letter says nothing about what they want.
_GREETING = re.compile(
    r"(?im)^\s*(?:hej|hei|hallå|hi|hello|dear|god\s?(?:dag|morgon|morgen)|hallo|moi|terve|guten (?:tag|morgen)|sehr geehrte\w*"
    r"|kära|kjære|kære)\b[^\n]{0,40}[,!.]?\s*\n"
)
_CLOSING = re.compile(
    r"(?ims)^\s*(?:(?:med\s)?v[äe]nlig(?:a)?\s?h[äi]ls\w*|mvh|vh|hälsningar|bästa hälsningar|hilsen|med venlig|best regards"
    r"|kind regards|regards|br|cheers|(?:thanks|thank you|tack|takk|tak|kiitos)\W*$|ystävällisin|terveisin|t\.|mit freundlichen"
    r"|viele grüße|gruß|mfg|lg|skickat från|sendt fra|sent from|lähetetty|von meinem|--|/\s?\w+)(?!\w).*\Z"
)


def asks_to_stop(text: str) -> bool:
    """True for a short text that says stop and little else. A long letter with the word in it is for a
    person to read.
    """
    said = " ".join(_CLOSING.sub("", _GREETING.sub("", f"{text.strip()}\n", count=1)).split())
    said = said or " ".join(text.split())
    if not said or len(said) > LENGTH or _NOT_A_STOP.search(said):
        return False
    sentences = re.findall(r"[^.!?]+[.!?]*", said)
    said = " ".join(
        one.strip() for one in sentences if not one.rstrip().endswith("?") or _POLITE.match(one)
    ).strip()
    if len(said) <= SHOUTED and any(_SHOUT.match(one) for one in sentences):
        return True
    if not said or _BARE_STOP.search(said):
        return bool(said)
    return not _ABOUT.search(said) and bool(
        _DIRECT.search(said) or any(form.search(said) for form in _TOGETHER)
    )
