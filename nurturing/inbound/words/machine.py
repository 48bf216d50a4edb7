"""How machines begin the subject of what they answer, and what they say of themselves."""

from nurturing.inbound.words.phrases import one_of

AWAY_SUBJECT = one_of(
    r"""
    automatic reply
    auto(?:matic)?[- ]?(?:re(?:ply|sponse|sponder)|answer)
    auto:\s
    (?:i am |i'm )?(?:currently )?out of (?:the )?office
    ooo\b
    vacation (?:reply|notice|message|response)
    away (?:from (?:the office|my (?:mail|desk))|message|notice|until|notification)
    on (?:vacation|leave|holiday)\b
    absence(?:\s*:|\s+(?:notice|message|from)|\s*$)
    i am (?:out|away|on (?:leave|vacation|holiday))
    auto-?svar
    automatiskt? (?:e-post)?(?:svar|meddelande|besked)
    automatisk (?:fravær\w*|beskjed|svar\w*|besvarelse|e-mail)
    semestermeddelande
    semestersvar
    semesterhälsning
    frånvar\w+
    (?:jag är |jeg er )?(?:ute av|ikke på|ej på|inte på|ikke til stede på|borte fra|væk fra|utanför) kontoret
    (?:ikke|ej|inte) til ?stede\b
    fravær(?:ende|s?melding|s?besked|s?meddelelse)?
    fraværsassistent
    feriesvar
    ferie(?:besked|melding)
    på (?:semester|ferie)(?:\s|:|$)(?!.*\?)
    föräldraledig(?:het)?\b
    (?:barsel|foreldrepermisjon)\b
    automaattinen (?:vastaus|ilmoitus|poissaolo\w*)
    poissa(?:olo\w*)?(?: toimistolta)?\b
    lomavastaus
    lomalla\b
    olen (?:lomalla|poissa)
    autom\.? vastaus
    abwesen(?:d|heit)\w*
    automatische (?:antwort|rückmeldung|e-?mail)
    auto(?:matische )?antwort
    urlaubs?(?:vertretung|nachricht|notiz|abwesenheit)\w*
    nicht im (?:büro|haus)
    réponse automatique
    absence du bureau
    automatisch antwoord
    afwezig
    risposta automatica
    respuesta automática
    fuera de la oficina
    """
)

RECEIPT_SUBJECT = one_of(
    r"""
    read:
    (?:läst|lest|læst|luettu|gelesen|lu) ?:
    not read:
    oläst:
    ulest:
    ikke lest:
    ikke læst:
    ungelesen:
    gelöscht:
    deleted:
    raderad:
    read receipt
    läskvitto
    lesebekreftelse
    kvittering:
    lukukuittaus
    lesebestätigung
    delivered:
    levererat:
    levert:
    undeliver
    mail delivery
    delivery (?:status|failure)
    returned mail
    kunde inte leverera
    kan ikke leveres
    """
)

# A ticket system or a form that thanks; only beside another sign, as people write such subjects, too.
TICKET_SUBJECT = one_of(
    r"""
    \[?(?:ticket|case|ärende|sak|sag|tiketti|tapaus|anfrage|support|request)\b[^\]]{0,40}#?\d
    \[?#\d{3,}
    (?:thank you for (?:contacting|your (?:e-?mail|message|inquiry))|we (?:have )?received your)
    (?:vi har (?:tagit emot|mottagit|mottatt|modtaget)|tack för (?:att du kontakta|ditt)|takk for (?:din
        |at du)|tak for din)
    kiitos (?:yhteydenotosta|viestistä)
    (?:vielen )?dank für ihre
    eingangsbestätigung
    bekräftelse
    bekreftelse på
    kuittaus
    """
)

TICKET = one_of(
    r"""
    this is an? auto(?:mated|matic)
    automatically generated
    do not reply to this
    (?:detta|det här) är ett auto
    (?:mailet|meddelandet|mejlet) (?:går inte att|kan inte) (?:svara|besvaras)
    svara inte på detta
    dette er (?:en |et )?auto
    ikke svar på denne
    kan ikke besvares
    tämä on automaatti
    älä vastaa
    to deliver your message
    (?:prove|verify|confirm) (?:that )?you are (?:a )?human
    confirm your (?:message|e-?mail)
    (?:postfach|mailbox|inbox|brevlåda|postlåda|postboks|postkasse|innboks) (?:is|ist|är|er|wird) (?:not|nicht|inte|ej|ikke|un|o)
        \s?(?:monitored|überwacht|bevakad|overvåket|overvåget)
    diese (?:e-?mail|nachricht) wurde automatisch
    antworten sie (?:bitte )?nicht
    (?:your|ditt|din|deres|ihre?) (?:request|case|ticket|ärende|sak|sag|henvendelse|anfrage|meddelande
        |mejl) (?:has been|har (?:blivit |tagits |fått|mottatts)|er (?:mottatt|modtaget)|ist eingegangen
        |wurde)
    """
)
