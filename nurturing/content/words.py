"""What every mail says in the recipient's own language, whatever language the colleague at the screen
reads.
"""

from dataclasses import dataclass

LANGUAGES = ("sv", "nb", "en")
_ALIASES = {"no": "nb", "nn": "nb", "da": "nb"}


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed sentences of a mail in one language."""

    stop: str
    org_number: str
    source: str
    why: dict[str, str]


_WORDS = {
    "sv": Words(
        stop="Ändra hur ofta, eller sluta få de här mejlen",
        org_number="Org.nr",
        source="Dina uppgifter kommer från {source}.",
        why={
            "consent": "Du får det här mejlet för att du har bett om att höra från {company}.",
            "existing_customer": "Du får det här mejlet för att du är kund hos {company}.",
            "role_address": "Det här mejlet går till er som tar emot post för företaget, från {company}.",
            "legitimate_interest": (
                "Du får det här mejlet i ditt arbete, för att {company} tror att det rör det du arbetar med."
            ),
            "none": "Det här mejlet kommer från {company}.",
        },
    ),
    "nb": Words(
        stop="Endre hvor ofte, eller stopp disse e-postene",
        org_number="Org.nr.",
        source="Opplysningene dine kommer fra {source}.",
        why={
            "consent": "Du får denne e-posten fordi du har bedt om å høre fra {company}.",
            "existing_customer": "Du får denne e-posten fordi du er kunde hos {company}.",
            "role_address": "Denne e-posten går til dere som tar imot post for bedriften, fra {company}.",
            "legitimate_interest": (
                "Du får denne e-posten i jobben din, fordi {company} tror at den angår det du arbeider med."
            ),
            "none": "Denne e-posten kommer fra {company}.",
        },
    ),
    "en": Words(
        stop="Change how often, or stop these mails",
        org_number="Company no.",
        source="Your details come from {source}.",
        why={
            "consent": "You get this mail because you asked to hear from {company}.",
            "existing_customer": "You get this mail because you are a customer of {company}.",
            "role_address": "This mail goes to those who receive post for the company, from {company}.",
            "legitimate_interest": (
                "You get this mail at work because {company} believes that it concerns what you work with."
            ),
            "none": "This mail comes from {company}.",
        },
    ),
}


def language(code: str) -> str:
    """The language we write in for a code such as `sv-SE` or `no`; English when we have no better."""
    short = code.lower().replace("_", "-").split("-")[0]
    short = _ALIASES.get(short, short)
    return short if short in _WORDS else "en"


def of(code: str) -> Words:
    """The fixed sentences in the recipient's language."""
    return _WORDS[language(code)]


def why(ground: str, code: str, *, company: str) -> str:
    """One sentence for the foot of the mail: why this person gets it, from the legal ground we stored."""
    sentences = of(code).why
    return sentences.get(ground, sentences["none"]).format(company=company)


def source(where: str, code: str) -> str:
    """One sentence for the foot of the mail: where the data came from; empty when the person gave it to
    us.
    """
    return of(code).source.format(source=where) if where else ""
