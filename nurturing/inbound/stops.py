"""A no, written as an answer: "ta bort mig från listan", in Swedish, Norwegian, Danish, Finnish, English and German."""

import re

from nurturing.inbound.words import stop as words

LENGTH = 120  # greeting and closing apart; a longer letter is for a person to read
SHOUTED = 40
_STOP = re.compile(rf"(?i)\b(?:{words.STOP})")
_BARE_STOP = re.compile(
    rf"(?i)^\W*(?:(?:{words.BEFORE}),? )?(?:{words.SHOUT}|{words.BARE})(?:[,.!]*\s+(?:{words.AFTER}))*[\s.!]*$"
)
_SHOUT = re.compile(rf"(?i)^\W*(?:{words.SHOUT})\W*$")
_NOT_A_STOP = re.compile(rf"(?i){words.NOT}")
# "Can you take me off the list?" asks nothing.
_POLITE = re.compile(
    r"(?i)^\W*(?:please |snälla |vänligen )?(?:kan|kunde|kunne|skulle|vill|vil|can|could|would|will|gidder|könn\w*|würde\w*"
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
    return bool(said and (_BARE_STOP.search(said) or _STOP.search(said)))
