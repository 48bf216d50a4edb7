"""How people say that they want no more: the words, by what they do in a sentence. How they go together: `stops`."""

from nurturing.inbound.words.phrases import one_of

# These say it alone.
DIRECT = one_of(
    r"""
    # English
    unsub?scri\w*
    opt ?-?out
    leave (?:me|us) alone
    cease and desist
    (?:be|bli|blive) (?:removed|unsubscribed|borttagen|struken|fjernet|slettet|strøket)
    take (?:me|us|my|our) (?:\S+ ){0,3}off
    # Swedish
    avregistrer\w*
    avanmäl\w*
    avprenumer\w*
    avbeställ\w*
    (?:undanber|avsäger) (?:mig|oss)
    lämna (?:mig|oss) i fred
    hör (?:inte|aldrig) av (?:er|dig)
    # Norwegian and Danish
    (?:av|af|fra)meld\w*\b(?! (?:fra|til|av) \w*(?:kurs|møte|webinar|arrangement|event|seminar))
    melde? (?:meg|oss|mig|os) (?:av|ut|fra|af)
    (?:la|lad) (?:meg|oss|mig|os) være
    # Finnish
    peru\w* (?:\w+ )?(?:tilau|uutiskirj|postit)\w*
    jätt?äkää (?:minut|meidät) rauhaan
    älkää (?:\w+ ){0,3}yhteyttä
    # German
    abmeld\w*
    abbestell\w*
    abgemeldet
    (?:melden|trag\w*|nehm\w*|streich\w*) (?:sie )?(?:mich|uns) (?:\w+ ){0,4}(?:ab|aus|raus|heraus|von (?:der|ihrer) \w*liste)\b
    aus (?:\w+ )?verteiler
    austragen
    lassen sie (?:mich|uns) in ruhe
    bitte löschen\W*$
    widersprech\w* [^.]{0,40}(?:nutzung|verwendung|verarbeitung|werbung|daten)
    """
)
NO = one_of(
    r"""
    no|not|never|don['’]?t|do not|no longer
    inte|inga|inget|aldrig|ej|nej tack till|nej tack, inga
    ikke|ikkje|ingen|aldri|aldrig|nei takk til|nej tak til
    ei|en|älä|älkää|emme
    keine?n?|nicht|nie
    """
)
WANT = one_of(
    r"""
    want|wants|wish|care|interested
    vill|önskar|intresserad\w*
    vil|ønsker|ynskjer|interess?ert|interesseret
    halua|haluan|haluamme|kiinnost\w+
    möchten?|will|wollen|interesse
    """
)
MORE = one_of(
    r"""
    more|any ?more|further|again|any longer
    mer|mera|fler|flera|längre|igen
    mere|flere|lenger|lengre|længere|meir|igjen
    enää
    mehr|weiteren?|länger
    """
)
MAIL = one_of(
    r"""
    (?:e-?)?mails?|mailings?|newsletters?|messages?|spam\w*|advertis\w+
    mejl\w*|mail\w*|e-?post\w*|utskick\w*|nyhetsbrev\w*|reklam\w*|skräppost|meddeland\w*
    utsend\w*|nyhedsbrev\w*|henvendels\w*|beskeder|meldinger
    viest\w+|uutiskirj\w+|mainoks\w+|sähköpost\w+|postia
    werbung|nachrichten|zusendungen
    """
)
THIS = one_of(
    r"""
    this|these|that|anything|any
    detta|dessa|det här|de här|sånt|något
    dette|disse|noe|noget|denne type
    näitä|tätä|mitään
    das|dies\w*|nichts|etwas
    """
)
SEND = one_of(
    r"""
    send(?:ing)?|mail(?:ing)?|e-?mail(?:ing)?|writ(?:e|ing)|contact(?:ing)?|spamming|bother(?:ing)?|pester(?:ing)?
    skicka|skriv|skriva|mejla|maila|kontakta|spamma|tjata|störa
    sende?|skrive?|maile|kontakte?|mase|plage|spamme
    lähet\w+
    senden|schicken|schreiben|kontaktieren|belästig\w+
    """
)
CONTACTED = one_of(
    r"""
    contacted|bothered|disturbed|hear from
    kontakta[ds]|störd|störas
    kontaktet|kontaktes|forstyrre[ts]
    kontaktiert
    yhteydenottoja
    """
)
END = one_of(
    r"""
    stopp?|quit|cease|end|discontinue
    (?:av)?sluta|upphör|låt bli|stoppa|slippa
    (?:av)?slutte?|stoppe|stans|hold op|afslut|slippe
    lope(?:ta|ttakaa)
    hör(?:en sie|t) auf|unterlass\w*
    """
)
REMOVE = one_of(
    r"""
    removed?|deleted?|erased?|drop|(?:take|get) (?:\S+ ){1,5}(?:off|out)|be (?:removed|deleted|taken off)
    (?:tar?|tas|plockar?|plockas|bli) (?!inte|ej)(?:\w+ )?bort|(?:ta|bli) borttagen|stryk|stryka|strykas|radera|raderas|bort
    fjern(?:e|es|et)?|slett?e?(?:s|t)?|ta (?:\w+ )?(?:av|ut)|tag (?:\w+ )?(?:af|ud)|strøket
    poist\w+|pois
    lösch\w*|entfern\w*|streich\w*
    """
)
ME = one_of(
    r"""
    me|us|mig|oss|meg|os|minut|meidät|mich|uns
    (?:my|our|min|mitt|mina|vår|våra|vårt|mine|våre|vores|meine?n?|unsere?n?) (?:\S+ )?(?:e-?mail|mail|mejl|e-?post
        |adress|address|account|details|data|info|kontakt|contact|uppgift|opplysning|oplysning|namn|navn|name|company|företag
        |konto|profil|daten|angaben|firma|unternehmen|bedrift|virksomhed|yrity)\w*
    (?:this|these|denn[ea]|den här|dette|diese[rs]?) (?:e-?mail|mail|mejl|e-?post|adress|address|konto|account)\w*
    \w*(?:adresse|info|opplysning|oplysning)\w* (?:min|mi|mine|mitt|vår|våre)
    (?:\w*tieto|osoit|sähköposti)\w*(?:ni|mme)\b
    """
)
LIST = one_of(
    r"""
    \w*(?:list|verteiler|liste)\b|\w*lists|\w*list(?:a|an|en|ene|alta|alla|oja|e)
    (?:register|databas|datenbank|database|prenumeration|abonnement|subscription)\w*
    (?:systemet|registeret|registret)\w*(?: deres| ert)?
    utskick\w*|nyhetsbrev\w*|nyhedsbrev\w*|newsletter\w*|uutiskirje\w*|mailing\w*|e-?mails
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
    inte (?:sluta|ta bort|bort|avregistrera)
    ikke (?:slutte?|stopp|fjern|avmelde|meld)
    älä lopeta
    nicht abmelden
    (?:ta bort|stryk|avregistrera|radera|fjern|slett?|afmeld|avmeld) (?:mig|oss|meg|os)?\s?(?:inte|ikke|ej)\b
    not yet|inte ännu|ikke ennå|noch nicht
    \b(?:but|men|mutta|aber|sondern|utan)\b
    """
)
# What is spoken of is something else: a contract, an order, a date; or mails that did not come.
ABOUT = one_of(
    r"""
    contract|order|invoice|quote|offer|price\w*|delivery|deliveries|meeting|appointment|demo|questions?|copies|users?
    until|before|brochure|website|attachment|pdf|buy
    avtal\w*|beställning\w*|order\w*|faktura\w*|offert\w*|pris\w*|leverans\w*|möte\w*|exemplar|användare|frågor|förrän|köper
    rad\b|raden|rader|frakt\w*|moms\w*|punkt\b|bifog\w*
    avtale\w*|aftale\w*|kontrakt\w*|bestilling\w*|ordren?|tilbud\w*|levering\w*|møte\w*|møde\w*|kurset|kostnad\w*
    før (?:jeg|vi|du|dere|den|etter|\w+dag)
    sopimus\w*|tilauksemme|lasku\w*|tarjou\w+|hinta\w*|rivi\w*|ennen
    vertrag\w*|bestellung\w*|rechnung\w*|angebot\w*|termin\w*|position|bevor
    (?:jag|vi) får|får (?:jag|vi)|fick|fått|kom|kommit|came|arrived?|received|got|getting|fik|fikk
    mottatt|modtaget|saanut|tullut|erhalten habe|bekommen habe
    """
)
