"""The fixed mails that people ask for: confirm your address, see what we have, be erased; and the notice of GDPR 14."""

JOIN, EXPORT, ERASE, ASK, NOTICE = "join", "export", "erase", "ask", "notice"

# (subject, text); PAGE is the link to the page that only this mail opens.
TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "sv": {
        JOIN: (
            "Bekräfta din adress till {{ sender.company }}",
            (
                "Hej!\n\nNågon, troligen du, har bett om mejl från {{ sender.company }} till den här adressen."
                "\n\n[Ja, jag vill ha dem](PAGE)\n\nVar det inte du? Gör ingenting, så kommer inga mejl."
            ),
        ),
        EXPORT: (
            "Dina uppgifter hos {{ sender.company }}",
            (
                "Hej!\n\nNågon, troligen du, vill se vad {{ sender.company }} har sparat om dig."
                "\n\n[Visa mina uppgifter](PAGE)\n\nLänken gäller i två dygn. Var det inte du? Gör ingenting."
            ),
        ),
        ERASE: (
            "Radera dina uppgifter hos {{ sender.company }}",
            (
                "Hej!\n\nNågon, troligen du, vill att {{ sender.company }} raderar allt om dig. Det går inte att ångra."
                "\n\n[Till sidan där du raderar](PAGE)\n\nLänken gäller i två dygn. Var det inte du? Gör ingenting."
            ),
        ),
        ASK: (
            "Får vi skriva till dig?",
            (
                "Hej!\n\nVi på {{ sender.company }} vill gärna ha ditt ja innan vi skriver mer till dig."
                "\n\n[Läs vad det gäller och svara](PAGE)\n\nSvarar du inte, ändras ingenting."
            ),
        ),
        NOTICE: (
            "Vi har sparat dina kontaktuppgifter",
            (
                "Hej!\n\n{{ sender.company }} har sparat namn, arbetsadress och telefon till dig för att kunna kontakta"
                " dig i ditt arbete. Varifrån de kommer står längst ner. Du kan när som helst se eller radera dem."
                "\n\n[Se eller radera mina uppgifter](DATA)"
            ),
        ),
    },
    "nb": {
        JOIN: (
            "Bekreft adressen din til {{ sender.company }}",
            (
                "Hei!\n\nNoen, trolig du, har bedt om e-post fra {{ sender.company }} til denne adressen."
                "\n\n[Ja, jeg vil ha den](PAGE)\n\nVar det ikke deg? Gjør ingenting, så kommer det ingen."
            ),
        ),
        EXPORT: (
            "Opplysningene dine hos {{ sender.company }}",
            (
                "Hei!\n\nNoen, trolig du, vil se hva {{ sender.company }} har lagret om deg."
                "\n\n[Vis opplysningene mine](PAGE)\n\nLenken gjelder i to døgn. Var det ikke deg? Gjør ingenting."
            ),
        ),
        ERASE: (
            "Slett opplysningene dine hos {{ sender.company }}",
            (
                "Hei!\n\nNoen, trolig du, vil at {{ sender.company }} sletter alt om deg. Det kan ikke angres."
                "\n\n[Til siden der du sletter](PAGE)\n\nLenken gjelder i to døgn. Var det ikke deg? Gjør ingenting."
            ),
        ),
        ASK: (
            "Får vi skrive til deg?",
            (
                "Hei!\n\nVi i {{ sender.company }} vil gjerne ha et ja fra deg før vi skriver mer."
                "\n\n[Les hva det gjelder, og svar](PAGE)\n\nSvarer du ikke, endres ingenting."
            ),
        ),
        NOTICE: (
            "Vi har lagret kontaktopplysningene dine",
            (
                "Hei!\n\n{{ sender.company }} har lagret navn, arbeidsadresse og telefon til deg for å kunne kontakte deg"
                " i jobben din. Hvor de kommer fra, står nederst. Du kan når som helst se eller slette dem."
                "\n\n[Se eller slett opplysningene mine](DATA)"
            ),
        ),
    },
    "en": {
        JOIN: (
            "Confirm your address for {{ sender.company }}",
            (
                "Hello!\n\nSomebody, probably you, asked for mail from {{ sender.company }} to this address."
                "\n\n[Yes, I want it](PAGE)\n\nWas it not you? Do nothing, and none will come."
            ),
        ),
        EXPORT: (
            "Your data at {{ sender.company }}",
            (
                "Hello!\n\nSomebody, probably you, wants to see what {{ sender.company }} has stored about you."
                "\n\n[Show my data](PAGE)\n\nThe link holds for two days. Was it not you? Do nothing."
            ),
        ),
        ERASE: (
            "Erase your data at {{ sender.company }}",
            (
                "Hello!\n\nSomebody, probably you, wants {{ sender.company }} to erase everything about you. That cannot be"
                " undone.\n\n[To the page where you erase it](PAGE)\n\nThe link holds for two days. Was it not you? Do"
                " nothing."
            ),
        ),
        ASK: (
            "May we write to you?",
            (
                "Hello!\n\nWe at {{ sender.company }} would like your yes before we write more."
                "\n\n[Read what it is about, and answer](PAGE)\n\nIf you do not answer, nothing changes."
            ),
        ),
        NOTICE: (
            "We have stored your contact details",
            (
                "Hello!\n\n{{ sender.company }} has stored your name, work address and phone number to be able to reach you"
                " at work. Where they come from stands at the bottom. You can see or erase them at any time."
                "\n\n[See or erase my data](DATA)"
            ),
        ),
    },
}


def text(kind: str, language: str, *, page: str, data: str) -> tuple[str, str]:
    """Subject and text of a mail of this kind, with its links."""
    subject, body = TEXTS.get(language, TEXTS["en"])[kind]
    return subject, body.replace("(PAGE)", f"({page})").replace("(DATA)", f"({data})")
