"""How people say that they want no more."""

from nurturing.inbound.words.phrases import one_of

STOP = one_of(
    r"""
    # English
    unsub?scri\w*
    opt ?-?out
    remove (?:me|us|my|this|our)\b
    take (?:me|us|my \S+) off
    (?:no more|stop sending|don['’]?t send|do not send|quit sending) (?:me |us |any |more |these |your )*
        (?:mails?|e-?mails?|messages|newsletters?|this|spam|these)?
    be (?:removed|unsubscribed|taken off)\b
    (?:do not|don['’]?t|no longer) (?:wish|want|care) (?:to )?(?:receive|get|hear|be contacted)
    leave me alone
    cease (?:all )?communication
    never (?:e-?mail|write|contact)\b
    stop (?:e-?mailing|mailing|contacting|writing|spam)
    (?:do not|don['’]?t) (?:e-?mail|contact|write to) (?:me|us)
    (?:delete|erase) (?:all )?(?:of )?(?:my|our) (?:personal )?(?:data|address|e-?mail|details|information)
    # Swedish
    avregistrer\w*
    avanmäl\w*
    avprenumer\w*
    bli (?:borttagen|struken|bortplockad)
    vill (?:inte|ej) ha (?:det här|detta|sånt|mer|fler)
    (?:inte|ej) (?:längre )?intresserad\w* av (?:\w+ ){0,3}(?:mejl|mail|utskick|nyhetsbrev|reklam)
    avsluta (?:min |mitt )?(?:prenumeration|utskick|nyhetsbrev)\w*
    (?:ta|plocka) (?:gärna )?bort (?:mig|oss|min (?:mejl|mail|e-?post)\w*)
    stryk (?:mig|oss)
    radera (?:mig|oss|(?:alla )?(?:mina|våra) (?:person)?uppgifter|min adress)
    (?:sluta|upphör(?: med)?|låt bli) (?:att )?(?:mejla|maila|skicka|skriva|kontakta|spamma)
    (?:mejla|maila|kontakta|skriv) (?:till )?(?:mig |oss )?(?:inte|aldrig|ej)\b
    skicka (?:mig |oss )?(?:inte|aldrig|ej|inga) (?:\w+ ){0,2}(?:mera?|fler\w*|mejl|mail\w*|utskick|e-?post
        |något|detta|sånt)\b
    vill (?:inte|ej) (?:ha|få|längre) (?:\w+ ){0,3}(?:mejl|mail|utskick|nyhetsbrev|e-?post|reklam)
    vill (?:inte|ej) (?:bli kontaktad|kontaktas)
    hör (?:inte|aldrig) av (?:er|dig)
    avbeställ\w*
    får (?:inte|ej|aldrig) (?:kontakta|mejla|maila|skriva till) (?:mig|oss)
    inga (?:fler|mer) (?:mejl|mail|utskick|nyhetsbrev)
    undanber (?:mig|oss)
    # Norwegian and Danish
    melde? (?:meg|oss|mig) (?:av|ut|fra)
    (?:av|af|fra)meld\w*\b(?! (?:fra|til|av) \w*(?:kurs|møte|webinar|arrangement|event|seminar))
    (?:bli|blive) (?:fjernet|slettet|meldt av|strøket|afmeldt|avmeldt)
    fjerne? (?:meg|oss|mig|os|min \S+)
    slett?e? (?:meg|mig|oss|os|(?:alle )?(?:mine|min|mitt|våre|vores) (?:data|info|konto|adress|e-?post|mail|opplys
        |oplys|kontakt|profil)\w*)
    slett?e? \w*(?:info|data|konto|adresse|opplysning|oplysning)\w* (?:min|mi|mine|mitt|våre?|vores)
    slutte? (?:å|med å|og|med at) (?:sende|kontakte|skrive)
    stoppe? (?:disse|denne|dessa|de här|alla|alle) (?:mail|e-?post|mejl|utskick|meld|besked)\w*
    stopp? (?:å |med at |med å )?(?:sende|maile|skrive|spam)
    hold op med at (?:sende|skrive)
    ikke (?:send|kontakt|skriv) (?:til )?(?:meg|oss|mig|os|flere|mere?|mails?|e-?post|noe)\b
    (?:vil|ønsker) ikke (?:\w+ ){0,3}(?:ha|få|motta|modtage|have) (?:\w+ ){0,3}(?:mail|e-?post|mailer
        |nyhetsbrev|nyhedsbrev\w*|reklame|henvendelser)
    ønsker ikke (?:(?:flere|mere?|noen) )?(?:\w+ )?(?:mail|e-?post|henvendelser|nyhets|nyheds|reklame|meld
        |besked)\w*
    ingen flere (?:mail|mailer|e-?poster|mails)
    flere mails,? (?:nej )?tak
    # Finnish
    peruuta\w* (?:tilaus|uutiskirje|postitus)?\w*
    perua (?:\w+ )?(?:tilau|uutiskirj|postit)\w*
    peru (?:tilaus|tilaukseni|uutiskirje)
    (?:pyydän|haluan) (?:\w+ )?poistamaan
    poista(?:kaa)? (?:\w*listalta|\w*tieto(?:ni|mme)|minut|osoitteeni|meidät|sähköpostini|tietoni)
    älkää (?:enää )?lähettäkö
    älä (?:enää )?lähetä
    en halua (?:enää )?(?:\w+ ){0,2}(?:viestejä|postia|uutiskirjeitä|mainoksia|sähköposteja)
    lopet(?:a|takaa) (?:viestien |näiden )?(?:lähettäminen|lähettely|viestit)
    ei enää (?:viestejä|postia|mainoksia)
    # German
    abmeld\w*
    hör(?:en sie|t) auf\b
    widersprech\w* [^.]{0,40}(?:nutzung|verwendung|verarbeitung|werbung|daten)
    melden sie (?:mich|uns) (?:\w+ ){0,3}ab
    tragen sie (?:mich|uns) (?:\w+ ){0,4}aus
    abbestell\w*
    austragen
    abgemeldet
    bitte löschen\W*$
    (?:nehmt|nehmen sie|streicht) (?:mich|uns) (?:\w+ ){0,3}(?:raus|heraus|aus)
    aus (?:\w+ )?verteiler\w* (?:nehmen|streichen|löschen|entfernen|austragen)
    (?:nehmen|streichen|entfernen|löschen) sie (?:mich|meine|uns)
    keine (?:weiteren |mehr )?(?:e-?mails?|mails?|newsletter|werbung|nachrichten)
    (?:senden|schicken|schreiben) sie (?:mir|uns) (?:bitte )?(?:keine|nicht|nichts)
    """
)

# A whole sentence of this is a stop; "can we stop by on Tuesday" is a customer.
SHOUT = one_of(
    r"""
    stopp?
    (?:av)?sluta
    (?:av)?slutt
    afslut
    lope(?:ta|ttakaa)
    seis
    """
)
# These are one where nothing but politeness stands around them.
BARE = one_of(
    r"""
    remove|no thanks?|no,? thank you
    ta bort|nej tack
    fjern|slett|nei takk
    nej tak
    poista|ei kiitos
    nein danke|kein interesse
    """
)
BEFORE = one_of(
    r"""
    please|pls
    snälla|vänligen|nej tack
    vær så snill|vennligst|nei takk
    venligst|nej tak
    bitte|kein interesse
    """
)
AFTER = one_of(
    r"""
    please|this|now|thanks
    tack|nu
    takk|nå
    tak
    kiitos
    danke
    (?:jag är |jeg er |vi er |vi är |i['’]m |i am |we are )?(?:inte|ej|ikke|not) (?:intress|interess|interest)\w*
    ei kiinnosta
    """
)
# "Please don't stop sending these" is the opposite; and who says "but" has more to say than no.
NOT = one_of(
    r"""
    (?:don['’]?t|do not|never) (?:please )?(?:stop|unsubscribe|remove)
    inte (?:sluta|ta bort|avregistrera)
    ikke (?:slutte?|stopp|fjern|avmelde|meld)
    älä lopeta
    nicht abmelden
    (?:ta bort|stryk|avregistrera|radera|fjern|slett?) (?:mig|oss|meg) (?:inte|ikke|ej)\b
    not yet|inte ännu|ikke ennå|noch nicht
    \b(?:but|men|mutta|aber|sondern|utan)\b
    """
)
