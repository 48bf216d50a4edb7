"""Small words of office files in six languages, and the two lists that tell a person from a mailbox."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ROLE_LOCAL_PARTS = _set(
    """
post info kontakt contact kontor office mail epost e-post firma firmapost firmapost postmottak
postmaster sales salg salj forsaljning forsalg order ordre bestallning support kundservice
kundeservice kundtjanst kundetjeneste service help hjalp hjelp helpdesk faktura invoice ekonomi
regnskap okonomi reception resepsjon vaxel sentralbord admin administration webmaster hej hei hello
hi noreply no-reply marketing marknad markedsforing press presse pr jobb jobs hr career karriar
rekrytering inkop innkjop asiakaspalvelu myynti toimisto bolag company team abuse privacy gdpr
booking bokning bestilling lager verkstad verksted butik butikk shop redaktion redaksjon styrelsen
styret
"""
)

FREE_MAIL = _set(
    """
gmail.com googlemail.com hotmail.com hotmail.se hotmail.no hotmail.dk hotmail.fi live.com live.se
live.no live.dk outlook.com outlook.dk msn.com yahoo.com yahoo.se yahoo.no icloud.com me.com mac.com
telia.com spray.se bredband.net comhem.se tele2.se swipnet.se home.se passagen.se online.no
broadpark.no getmail.no c2i.net frisurf.no start.no gmx.de gmx.net web.de t-online.de protonmail.com
proton.me aol.com jubii.dk mail.dk luukku.com kolumbus.fi elisanet.fi suomi24.fi bahnhof.se
"""
)

YES = _set(
    """
true yes y 1 x ja j on sant sann kyllä kylla k wahr oui checked opted-out optedout ☑ ✓ ✔ confirmed
bekräftad bekreftet
"""
)
NO = _set(
    """
false no n 0 nej nei nein ei en e off falskt usann falsch unchecked ☐ - ✗ inte ikke
"""
)
# In a column "unsubscribed" these words say that the person is still in.
STILL_IN = _set(
    """
subscribed active aktiv prenumererar abonnent opted-in never aldri aldrig allow allowed tillåt tillåten tillatt tilladt
sallittu erlaubt tillad tillades zulassen salli
"""
) | {"opted in"}
# In a column "may we write" these words say no, beside `NO` and the statuses.
FORBIDDEN = _set(
    "kielletty forbidden denied nekad nektet nægtet verboten abgelehnt withdrawn återkallat återkallad tilbakekalt"
) | {
    "do not allow",
    "tillad ikke",
    "tillat ikke",
    "tillåt inte",
    "nicht zulassen",
    "älä salli",
    "not allowed",
    "ej tillåtet",
    "ej ok",
    "inte ok",
    "ikke ok",
    "ei lupaa",
    "nicht erlaubt",
    "no consent",
}

# (reason, whole words, beginnings of words), written together and in lower case.
STATUS_STOPS: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...] = (
    (
        "bounced",
        _set("bounce cleaned avvist returnert invalid undeliverable studsar zurückgewiesen unzustellbar"),
        (
            "bounced",
            "hardbounce",
            "invalide",
            "undeliver",
            "studsa",
            "ogiltig",
            "ugyldig",
            "virheelli",
            "ungültig",
        ),
    ),
    (
        "complained",
        _set("spam junk abuse complained complaint klagat klaget"),
        (
            "spamcompl",
            "reportedspam",
            "reportedasspam",
            "markedasspam",
            "markedspam",
            "abusecompl",
            "spamreport",
        ),
    ),
    (
        "opted_out_in_list",
        _set(
            """
            noconsent donotmail donotcontact donotemail peruttu tilausperuttu reserverad reserveradmotutskick reservert
            unconfirmed notconfirmed pending obekräftad ubekreftet vahvistamaton unbestätigt neversubscribed
            """
        ),
        (
            *(
                "unsub",
                "optedout",
                "optout",
                "nonsub",
                "notsubscr",
                "suppress",
                "blacklist",
                "blocklist",
                "blocked",
            ),
            *(
                "avregistr",
                "avpren",
                "avanmäl",
                "avslutadpren",
                "avmeld",
                "afmeld",
                "framel",
                "framäl",
                "spärra",
                "sperre",
            ),
            *(
                "peruutet",
                "poistunut",
                "ejbekräft",
                "ikkebekreft",
                "ikkebekræft",
                "nichtbestät",
                "eivahvist",
                "peruttutil",
                "abgemeld",
                "reservertmot",
                "gesperrt",
                "estetty",
                "blockera",
                "blokker",
            ),
        ),
    ),
)

LANGUAGES: dict[str, str] = {
    word: code
    for code, names in {
        "sv": "sv swedish svenska svensk ruotsi schwedisch swe se",
        "nb": "nb no nn norwegian norsk norska bokmål bokmal nynorsk norja norwegisch nor",
        "da": "da danish dansk danska tanska dänisch dk dan",
        "fi": "fi finnish finska finsk suomi finnisch fin",
        "en": "en english engelska engelsk englanti englisch eng gb us",
        "de": "de german tyska tysk saksa deutsch deu",
    }.items()
    for word in names.split()
}

# The first that fits; "legitimate interest – existing customer" of HubSpot is an existing customer.
GROUNDS: dict[str, tuple[str, ...]] = {
    "existing_customer": (
        "existing customer",
        "befintlig kund",
        "eksisterende kunde",
        "kundförhållande",
        "kundeforhold",
        "customer relation",
        "performance of a contract",
        "kund",
        "kunde",
        "customer",
        "avtal",
        "avtale",
    ),
    "none": ("none", "ingen", "no consent", "inget", "not applicable", "saknas"),
    "consent": ("consent", "samtyck", "samtykke", "suostumus", "einwilligung", "opt-in", "freely given"),
    "role_address": ("role address", "rolladress", "rolleadresse", "funktionsadress"),
    "legitimate_interest": (
        "legitimate",
        "berättigat",
        "berettige",
        "oikeutettu",
        "intresseavvägning",
        "interesseavveining",
        "berechtigte",
    ),
}

RECIPIENTS: dict[str, frozenset[str]] = {
    "natural_person": frozenset(
        {
            "private",
            "privat",
            "privatperson",
            "consumer",
            "konsument",
            "forbruker",
            "person",
            "b2c",
            "yksityishenkilö",
        }
    ),
    "sole_trader": frozenset(
        {
            "sole trader",
            "enskild firma",
            "enskild",
            "enkeltpersonforetak",
            "enk",
            "ef",
            "enkeltmandsvirksomhed",
            "toiminimi",
            "tmi",
        }
    ),
    "company_role": frozenset(
        {"company", "företag", "foretag", "bedrift", "firma", "b2b", "business", "aktiebolag", "yritys"}
    ),
    "role_address": frozenset({"role", "role address", "funktionsadress", "rolladress"}),
}
