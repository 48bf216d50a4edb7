"""The mail of `bench/send.py`, and who gets it. Knows no database, so that django-post_office can be given the same."""

from nurturing.content import compiling, rendering
from nurturing.content.compiling import Compiled

# Eight tracked links, seven merge fields (one with a fallback), 400 words: a mail as a marketer writes it.
SUBJECT = "{{ contact.first_name }}, nio veckor blev tre hos Fjordmek"
BODY = """Hej {{ contact.first_name }}!

Förra året stod maskinerna hos Fjordmek still i nio veckor. I år blev det tre, och ingen fick arbeta över. Vi tror att
det går också hos {{ contact.company }}, och vi vill gärna visa hur.

## Vad de gjorde först

De skrev upp varje stopp i en månad, också de korta. [Mallen som de använde](https://nordvik.example/mall?c=1&k=mail) är
en enda sida. Det som kostade mest var inte det som alla trodde: det var väntan på reservdelar, som [Åse Løken berättar om
i vår intervju](https://nordvik.example/intervju/ase-loken).

## Sedan räknade de

[Räkna på dina egna siffror](https://nordvik.example/kalkyl), det tar fem minuter. De flesta som är {{ contact.title |
default: "ansvariga för underhåll" }} blir förvånade över den tredje raden. Vi har också [samlat svar från fyrtio
verkstäder](https://nordvik.example/rapport-2026) i Sverige, Norge och Finland.

- [Checklista för vårstoppet](https://nordvik.example/checklista)
- [Så väljer du givare](https://nordvik.example/givare?utm_source=silo&utm_medium=mail)
- [Tre misstag som vi själva gjorde](https://nordvik.example/misstag)

Vill du hellre prata? Svara på det här mejlet, så ringer {{ owner.name }}, eller [välj en
tid](https://nordvik.example/tid) som passar {{ contact.company }}.

Hälsningar från oss på {{ sender.company }}, {{ sender.website }}
"""
NAMES = [
    "Anna",
    "Åse",
    "Björn",
    "Chen",
    "Dana",
    "Eva",
    "Fredrik",
    "Göran",
    "Håkon",
    "Ingrid",
    "Jörgen",
    "Kari",
    "Lars",
    "Märta",
    "Nils",
    "Örjan",
]
LAST = [
    "Lind",
    "Ørjasæter",
    "Öberg",
    "Berg",
    "Dahl",
    "Ek",
    "Falk",
    "Gran",
    "Holm",
    "Strand",
    "Moe",
    "Nygård",
    "Ås",
    "Sjö",
    "Åkesson",
    "Wiik",
]


def compiled() -> Compiled:
    """The mail as the editor publishes it."""
    made = compiling.compile_mail(SUBJECT, "Tre veckor i stället för nio", BODY, "sv")
    if made.errors:
        raise RuntimeError(made.errors)
    return made


def as_django_templates() -> tuple[str, str, str, list[str]]:
    """Subject, HTML and text with Django's fields instead of ours, and where the links lead."""
    version = compiled()
    fields = {
        "contact": {name: f"{{{{ {name} }}}}" for name in ("first_name", "company", "title")},
        "owner": {"name": "{{ owner }}"},
        "sender": {"company": "Nordvik Underhåll AB", "website": "https://nordvik.example"},
    }
    foot = rendering.Footer("Nordvik Underhåll AB", "Kajgatan 1, 411 01 Göteborg", "556000-0000")
    filled = rendering.render(
        version, fields, lambda number, _url: f"{{{{ l{number} }}}}", "{{ stop }}", foot
    )
    return filled.subject, filled.html, filled.text, [link.url for link in version.links]
