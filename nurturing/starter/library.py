"""The library: evergreen pieces on four topics, from becoming aware (TOFU) to being ready for proof (BOFU)."""

from dataclasses import dataclass

PARTS, DOWNTIME, PLANNING, MOBILE = "Spare parts", "Downtime", "Planning", "Working mobile"
SV = '{% if contact.first_name != "" %}Hej {{ contact.first_name }},{% else %}Hej,{% endif %}\n\n'
NB = '{% if contact.first_name != "" %}Hei {{ contact.first_name }},{% else %}Hei,{% endif %}\n\n'
EN = '{% if contact.first_name != "" %}Hello {{ contact.first_name }},{% else %}Hello,{% endif %}\n\n'


@dataclass(frozen=True, slots=True)
class Text:
    """One piece."""

    title: str
    topic: str
    level: str
    language: str
    subject: str
    preheader: str
    body: str


PIECES = (
    Text(
        "Vad kostar en timmes stopp?", DOWNTIME, "tofu", "sv",
        "Vad kostar en timmes stopp hos er?", "De flesta gissar för lågt, och på samma sätt",
        SV + """de flesta räknar lönerna och glömmer resten: omstarten, kassationen, och leveransen som blev sen.

Vi har samlat [de sju posterna som brukar saknas](https://nordvik.example/stopp/poster). Räkna på ert senaste stopp, det tar en kvart.

Vill du jämföra: [så ser det ut i 120 nordiska fabriker](https://nordvik.example/stopp/jamfor).
""",
    ),
    Text(
        "Fem frågor till leverantören", PLANNING, "mofu", "sv",
        "Fem frågor att ställa innan du väljer system", "Också till oss",
        SV + """här är fem frågor som skiljer ett underhållssystem som används från ett som blir liggande.

Den viktigaste: vem i verkstaden ska öppna det, och hur ofta? [Alla fem, med varför](https://nordvik.example/valja/fem-fragor).

Ställ dem gärna till oss också. [Våra svar](https://nordvik.example/valja/vara-svar) ligger öppet.
""",
    ),
    Text(
        "Priser 2027", PLANNING, "bofu", "sv",
        "Priserna för 2027", "Tre nivåer, inga dolda poster",
        SV + """priserna för nästa år är klara. [Här är de](https://nordvik.example/priser), med vad som ingår och vad som inte gör det.

De flesta av våra kunder börjar med tolv användare och en linje. [Räkna på er](https://nordvik.example/priser/rakna), eller
[boka en halvtimme](https://nordvik.example/boka) så gör vi det tillsammans.
""",
    ),
    Text(
        "Så gjorde Fjordlaks", DOWNTIME, "bofu", "sv",
        "Från 41 stopp till 17 på ett år", "Fjordlaks började med en lista",
        SV + """Fjordlaks bytte inte maskiner. De bytte ordning.

[Hela berättelsen](https://nordvik.example/case/fjordlaks) med siffror före och efter, och [listan de började med](https://nordvik.example/case/fjordlaks/lista).
""",
    ),
    Text(
        "Reservdelen som aldrig behövdes", PARTS, "tofu", "sv",
        "Reservdelen som aldrig behövdes", "Och den som saknades",
        SV + """i ett genomsnittligt förråd har var tredje del inte rörts på fem år. Samtidigt fattas den som stoppar linjen.

[Tre tecken på att förrådet lever sitt eget liv](https://nordvik.example/delar/tecken).
""",
    ),
    Text(
        "Hur mycket ska ligga på hyllan?", PARTS, "mofu", "sv",
        "Hur mycket ska ligga på hyllan?", "En räkneregel som går att förklara för ekonomichefen",
        SV + """det finns en enkel räkneregel: vad kostar det att vänta, gånger hur ofta det händer.

[Regeln med tre exempel](https://nordvik.example/delar/regel), och [ett kalkylblad att börja i](https://nordvik.example/delar/kalkylblad).
""",
    ),
    Text(
        "Ronden i fickan", MOBILE, "tofu", "sv",
        "Ronden i fickan", "Varför papper inte är problemet",
        SV + """det är inte papperet som är problemet, det är vägen tillbaka till datorn.

[Så ser en rond ut utan den vägen](https://nordvik.example/mobil/rond): en minut film från ett sågverk.
""",
    ),
    Text(
        "Vad händer när den erfarne slutar?", PLANNING, "tofu", "sv",
        "Vad händer när den erfarne slutar?", "Om det som bara en person vet",
        SV + """nästan varje fabrik har någon som hör på maskinen att lagret är på väg. Vad händer när hen går i pension?

[Fyra sätt att ta vara på det som sitter i öronen](https://nordvik.example/planera/kunskap).
""",
    ),
    Text(
        "Mobilt, steg för steg", MOBILE, "mofu", "sv",
        "Från pärm till telefon på tre veckor", "Planen som vi brukar följa",
        SV + """det går fortare än man tror, om man tar en linje i taget.

[Planen vecka för vecka](https://nordvik.example/mobil/plan), och [vad som brukar gå snett](https://nordvik.example/mobil/snett).
""",
    ),
    Text(
        "Hva koster en times stopp?", DOWNTIME, "tofu", "nb",
        "Hva koster en times stopp hos dere?", "De fleste gjetter for lavt",
        NB + """de fleste regner lønn og glemmer resten: oppstarten, vraket, og leveransen som ble forsinket.

Vi har samlet [de sju postene som pleier å mangle](https://nordvik.example/nb/stopp/poster).
Regn på det siste stoppet deres, det tar et kvarter.
""",
    ),
    Text(
        "Slik gjorde Fjordlaks det", DOWNTIME, "bofu", "nb",
        "Fra 41 stopp til 17 på ett år", "Fjordlaks begynte med en liste",
        NB + """Fjordlaks byttet ikke maskiner. De byttet rekkefølge.

[Hele historien](https://nordvik.example/nb/case/fjordlaks) med tall før og etter, og [lista de begynte med](https://nordvik.example/nb/case/liste).
""",
    ),
    Text(
        "Fem spørsmål til leverandøren", PLANNING, "mofu", "nb",
        "Fem spørsmål før dere velger system", "Også til oss",
        NB + """her er fem spørsmål som skiller et vedlikeholdssystem som blir brukt fra ett som blir liggende.

[Alle fem, med hvorfor](https://nordvik.example/nb/velge/fem-sporsmal). Still dem gjerne til oss også:
[svarene våre](https://nordvik.example/nb/velge/svar) ligger åpent.
""",
    ),
    Text(
        "Priser 2027 (norsk)", PLANNING, "bofu", "nb",
        "Prisene for 2027", "Tre nivåer, ingen skjulte poster",
        NB + """prisene for neste år er klare. [Her er de](https://nordvik.example/nb/priser), med hva som er med og hva som ikke er det.

[Regn på dere](https://nordvik.example/nb/priser/regn), eller
[bestill en halvtime](https://nordvik.example/nb/bestill) så gjør vi det sammen.
""",
    ),
    Text(
        "Hvor mye skal ligge på hylla?", PARTS, "mofu", "nb",
        "Hvor mye skal ligge på hylla?", "En regel som kan forklares for økonomisjefen",
        NB + """det finnes en enkel regel: hva det koster å vente, ganger hvor ofte det skjer.

[Regelen med tre eksempler](https://nordvik.example/nb/deler/regel).
""",
    ),
    Text(
        "Runden i lomma", MOBILE, "tofu", "nb",
        "Runden i lomma", "Hvorfor papiret ikke er problemet",
        NB + """det er ikke papiret som er problemet, det er veien tilbake til datamaskinen.

[Slik ser en runde ut uten den veien](https://nordvik.example/nb/mobil/runde): ett minutt film fra et sagbruk.
""",
    ),
    Text(
        "The quiet cost of waiting for a part", PARTS, "tofu", "en",
        "The quiet cost of waiting for a part", "Why the cheapest part stops the line",
        EN + """it is rarely the expensive part that stops a line. It is the gasket nobody put on a list.

[How three plants found theirs](https://nordvik.example/en/parts/waiting).
""",
    ),
    Text(
        "A maintenance plan people follow", PLANNING, "mofu", "en",
        "A maintenance plan that people follow", "Fewer rounds, better ones",
        EN + """most plans fail because they ask for too much on day one.

[Start with the ten machines that hurt](https://nordvik.example/en/planning/ten), and
[leave the rest until they do](https://nordvik.example/en/planning/rest).
""",
    ),
    Text(
        "What it costs, and what you get", PLANNING, "bofu", "en",
        "What it costs, and what you get for it", "Three levels, no hidden items",
        EN + """you asked what others pay. [Here is the whole list](https://nordvik.example/en/prices).

If you want to see it with your own machines in it, [pick half an hour](https://nordvik.example/en/book).
""",
    ),
)  # fmt: skip
