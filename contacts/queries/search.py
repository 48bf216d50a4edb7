"""What is looked for when words are typed: any part of a name, address, company or phone, accents or not.

Three letters and more are found anywhere, by the trigram index. One or two letters have no trigram: they are looked for at the
beginnings of words, which has one again, and is what somebody means who types "Bo".
"""

import re

from django.db.models import CharField, F, Func, Q, TextField, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Contains

MOST_WORDS = 8
PLAIN = TextField()


def parts(words: str) -> list[str]:
    """The words to look for; a phone number is one word whatever its spaces, without the zeros of its prefix."""
    digits = re.sub(r"\D", "", words)
    if len(digits) >= 5 and not re.search(r"[^\d\s()+./-]", words):
        return [digits.lstrip("0") if not words.strip().startswith("00") else digits[2:]]
    return words.replace("\x00", "").split()[:MOST_WORDS]


def condition(words: str, *, path: str = "") -> Q:
    """Every word has to be there. `path` leads to the searched line ("search__" from a contact)."""
    text = f"{path}text"
    every = Q()
    for word in parts(words):
        plain = Func(Value(word), function="silo_plain", output_field=PLAIN)
        if len(word) <= 2 and word.isalnum():
            begins = Concat(Value(" "), plain, output_field=PLAIN)
            every &= Q(**{f"{text}__startswith": plain}) | Q(**{f"{text}__contains": begins})
        elif name := telling(word):
            # the whole word is looked for in the lines that hold its telling part; no index knows a text that was put together
            line = Concat(F(text), Value(""), output_field=PLAIN)
            told = Func(Value(name), function="silo_plain", output_field=PLAIN)
            every &= Q(**{f"{text}__contains": told}) & Q(Contains(line, plain))
        else:
            every &= Q(**{f"{text}__contains": plain})
    return every


def telling(word: str) -> str:
    """An address without its last label, which it shares with half of the silo: the trigrams of ".com" are in everybody's line,
    and to go through them takes three times as long as all the others together. Empty for what is no address.
    """
    name, dot, _end = word.rpartition(".")
    return name if dot and "@" in name[:-2] else ""


def name_key(language: str) -> Func:
    """Last name, then first, in the order of the reader's alphabet: … z å ä ö, or … z æ ø å."""
    letters, places = ("æäøöå", "{{||}") if language in ("nb", "nn", "no", "da") else ("åäæöø", "{||}}")
    whole = Concat(
        F("last_name"), Value(" "), F("first_name"), Value(" "), F("email"), output_field=CharField()
    )
    lower = Func(whole, function="lower", output_field=PLAIN)
    placed = Func(lower, Value(letters), Value(places), function="translate", output_field=PLAIN)
    plain = Func(placed, function="silo_plain", output_field=PLAIN)
    trimmed = Func(plain, function="ltrim", output_field=PLAIN)
    return Func(trimmed, template='%(expressions)s COLLATE "C"', output_field=PLAIN)
