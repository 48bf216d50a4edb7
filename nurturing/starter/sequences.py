"""The two sequences: for those who were at a webinar, and for new customers."""

from dataclasses import dataclass

GREETING = '{% if contact.first_name != "" %}Hej {{ contact.first_name }},{% else %}Hej,{% endif %}'


@dataclass(frozen=True, slots=True)
class StepText:
    """One mail of a sequence."""

    wait: str
    days: int
    level: str
    subject: str
    preheader: str
    body: str
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class Plan:
    """A sequence with its steps."""

    name: str
    purpose: str
    stops_when: tuple[str, ...]
    priority: int
    steps: tuple[StepText, ...]


WEBINAR = Plan(
    name="Webinar, no demo yet",
    purpose="Was at a webinar and has not asked to see the product",
    stops_when=("replied", "met", "opportunity", "bought"),
    priority=60,
    steps=(
        StepText(
            "days",
            0,
            "mofu",
            "Tack för att du var med",
            "Bilderna, och en fråga som vi inte hann med",
            f"""{GREETING}

tack för att du tog en timme till att prata reservdelar med oss.

Här är [bilderna från webbinariet](https://nordvik.example/webinar/bilder), och svaret på frågan som vi inte hann med:
[hur många reservdelar som egentligen behövs på hyllan](https://nordvik.example/webinar/hyllan).

Svara gärna på det här mejlet om något blev oklart. Det läses av en människa.

{{{{ owner.name | default: "Sam Söderlund" }}}}
""",
        ),
        StepText(
            "days",
            7,
            "bofu",
            "Så gjorde Fjordlaks",
            "Från 41 stopp om året till 17",
            f"""{GREETING}

Fjordlaks hade 41 oplanerade stopp på ett år. De började inte med ett nytt system, de började med en lista.

[Läs hur de gick till väga](https://nordvik.example/case/fjordlaks), steg för steg, med siffrorna före och efter.

Och vill du räkna på din egen anläggning finns [kalkylen för stopptid](https://nordvik.example/kalkyl). Den tar fyra minuter.
""",
        ),
        StepText(
            "rhythm",
            30,
            "bofu",
            "Ska vi visa dig?",
            "En halvtimme, med era egna maskiner i exemplet",
            f"""{GREETING}

du har sett hur andra gjort. Ska vi visa hur det skulle se ut
{{% if contact.company != "" %}}hos {{{{ contact.company }}}}{{% else %}}hos er{{% endif %}}?

[Välj en halvtimme som passar](https://nordvik.example/boka). Vi tar med ett exempel som liknar er verksamhet, och
[vad det kostar](https://nordvik.example/priser) står redan på sidan.

Passar det inte nu, så hör vi av oss sällan och bara med sådant som vi tror att du har nytta av.
""",
        ),
    ),
)

ONBOARDING = Plan(
    name="Onboarding",
    purpose="Has just become a customer",
    stops_when=(),
    priority=90,
    steps=(
        StepText(
            "days",
            0,
            "bofu",
            "Välkommen till Nordvik",
            "Det här händer den första veckan",
            f"""{GREETING}

välkommen! Den första veckan gör vi tre saker tillsammans: läser in er maskinlista, bestämmer vem som får vilka uppgifter, och kör en
första rond på riktigt.

[Så förbereder du maskinlistan](https://nordvik.example/kom-igang/maskinlista). Det är den enda läxan.
""",
        ),
        StepText(
            "days",
            14,
            "bofu",
            "Två veckor in: vad saknas?",
            "Svara med en mening",
            f"""{GREETING}

ni har kört i två veckor. Vad saknas, eller är krångligare än det borde vara? Svara med en mening, så ringer vi.

Många frågar efter [etiketter till reservdelshyllan](https://nordvik.example/kom-igang/etiketter) ungefär nu.
""",
        ),
        StepText(
            "days",
            45,
            "bofu",
            "Vem mer borde veta?",
            "En fråga om någon du känner",
            f"""{GREETING}

efter sex veckor brukar det märkas om det fungerar. Gör det det för er, så har vi en fråga: känner du någon i en annan fabrik som har
samma besvär som ni hade?

Svara med ett namn, så hör vi av oss försiktigt och hälsar från dig. [Så går det till](https://nordvik.example/rekommendera).
""",
        ),
    ),
)
