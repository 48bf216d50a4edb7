"""How people say that they want no more."""

from nurturing.inbound.words.phrases import one_of

STOP = one_of(
    r"""
    # English
    unsub?scribe
    opt ?-?out
    remove (?:me|us|my|this|our)\b
    take (?:me|us|my \S+) off
    (?:no more|stop sending|don['’]?t send|do not send|quit sending) (?:me |us |any |more |these |your )*
        (?:mails?|e-?mails?|messages|newsletters?|this|spam|these)?
    leave me alone
    cease (?:all )?communication
    never (?:e-?mail|write|contact)\b
    stop (?:e-?mailing|mailing|contacting|writing|spam)
    (?:do not|don['’]?t) (?:e-?mail|contact|write to) (?:me|us)
    (?:delete|erase) (?:all )?(?:of )?(?:my|our) (?:personal )?(?:data|address|e-?mail|details|information)
    # Swedish
    avregistrera
    avanmäl\w*
    avprenumerera
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
    (?:av|af|fra)meld\w*
    avregistrer\w*
    fjerne? (?:meg|oss|mig|os|min \S+)
    slett?e? (?:meg|mig|oss|os|(?:alle )?(?:mine|min|våre|vores) \S+)
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
    poista(?:kaa)? (?:\w*listalta|\w*tieto(?:ni|mme)|minut|osoitteeni|meidät|sähköpostini|tietoni)
    älkää (?:enää )?lähettäkö
    älä (?:enää )?lähetä
    en halua (?:enää )?(?:\w+ ){0,2}(?:viestejä|postia|uutiskirjeitä|mainoksia|sähköposteja)
    lopet(?:a|takaa) (?:viestien |näiden )?(?:lähettäminen|lähettely|viestit)
    ei enää (?:viestejä|postia|mainoksia)
    # German
    abmelden
    melden sie (?:mich|uns) (?:\w+ ){0,3}ab
    tragen sie (?:mich|uns) (?:\w+ ){0,4}aus
    abbestellen
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
