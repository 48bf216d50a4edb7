"""A no, written as an answer: "ta bort mig från listan", in Swedish, Norwegian, Danish, Finnish, English and German."""

import re

from nurturing.inbound.words import stop as words

LENGTH = 120  # greeting and closing apart; a longer letter is for a person to read
_STOP = re.compile(rf"(?i)\b(?:{words.STOP})")
# "Stop" alone is a stop; "can we stop by on Tuesday" is a customer.
_BARE_STOP = re.compile(
    r"(?i)^\W*(?:please |snälla |vær så snill |vänligen |venligst |bitte |pls |nej tack,? |nei takk,? |nej tak,? "
    r"|kein interesse,? )?(?:stopp?|sluta|slutt|lopeta|seis|nej tack|nei takk"
    r"|nej tak|ei kiitos|nein danke|no thanks?|no,? thank you|remove|ta bort|fjern|slett|poista)"
    r"(?:[,.!]* (?:jag är |jeg er |vi er |vi är |i'm |i am |we are )?(?:inte|ej|ikke|not|ei|kein|ich habe kein) (?:intress\w+|interess\w+|interest\w*|kiinnost\w+))?"
    r"(?: please| tack| takk| tak| kiitos| danke| this| nu| nå| now)?[\s.!]*$"
)
_STOP_STEM = re.compile(
    r"(?i)\b(?:avregistrera|avanmäl|avprenumer|avmeld|afmeld|frameld|unsubscri|abmeld|abbestell)"
)
# "Please don't stop sending these": the opposite. And who says "but" has more to say than no.
_NOT_A_STOP = re.compile(
    r"(?i)(?:don['’]?t|do not|never (?!e-?mail|write|contact)|inte|ikke|älä|nicht)\s+(?:please\s+)?(?:stop|sluta"
    r"|slutte|slut|lopeta|unsubscribe|remove"
    r"|avregistrera|avmelde|ta bort|fjern)"
    r"|(?:ta bort|stryk|avregistrera|radera|fjern|slett?)\s+(?:mig|oss|meg)\s+(?:inte|ikke|ej)\b|noch nicht"
    r"|nicht abmelden|not yet|inte ännu|ikke ennå"
    r"|\b(?:but|men|mutta|aber|sondern|utan)\b"
)
# "Can you take me off the list?" asks nothing.
_POLITE = re.compile(
    r"(?i)^\W*(?:please |snälla |vänligen )?(?:kan|kunde|kunne|skulle|vill|vil|can|could|would|will|gidder|könn\w*|würde\w*|voi\w*)\s"
    r"(?:(?:ni|du|dere|i|de|you|sie|ihr|någon|noen|jag|jeg|vi|we)\s)?"
)
_STOP_WORD = re.compile(r"(?i)^\W*(?:stopp?|sluta|slutt|lopeta|lopettakaa|seis)\W*$")
SHOUT = 40
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
    if len(said) <= SHOUT and any(_STOP_WORD.match(one) for one in sentences):
        return True
    return bool(said and (_BARE_STOP.search(said) or _STOP.search(said) or _STOP_STEM.search(said)))
