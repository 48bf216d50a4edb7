"""How people demand what the law gives them: to be erased (GDPR 17), to see what we have and where from (15)."""

from nurturing.inbound.words.phrases import one_of

ERASE = one_of(
    r"""
    # English
    (?:delete|erase|remove) (?:all )?(?:of )?(?:my|our) (?:personal )?(?:data|details|information
        |records?)
    (?:delet|eras|remov)\w+ (?:\w+ ){0,3}(?:data|details|information) (?:\w+ ){0,3}(?:about|on) (?:me|us)\b
    right to (?:be forgotten|erasure)
    # Swedish
    (?<!vi\s)(?:rader|ta bort|tar bort|plocka bort)\w* (?:\w+ ){0,2}(?:mina|våra) (?:\w+ )?(?:person
        |kontakt)?(?:uppgifter|data|information)
    (?:rader|ta bort|tar bort)\w* (?:\w+ ){0,2}(?:person)?(?:uppgifter|data
        |information)\w* (?:ni har )?om (?:mig|oss)
    uppgifter (?:\w+ ){0,3}om (?:mig|oss) (?:\w+ ){0,3}(?:raderas|tas bort)
    rätten? (?:att bli glömd|till radering)
    # Norwegian and Danish
    (?:slett\w*|fjern\w*) (?:\w+ ){0,2}(?:mine|min|våre|vores) (?:\w+ )?(?:person|kontakt)?(?:opplysning
        |oplysning|data|info)\w*
    (?:slett\w*|fjern\w*) (?:\w+ ){0,2}(?:person)?(?:opplysning|oplysning|data
        |info)\w* (?:\w+ ){0,2}om (?:meg|mig|oss|os)
    (?:opplysninger|oplysninger|data) (?:\w+ ){0,4}om (?:meg|mig|oss|os) (?:\w+ ){0,3}(?:slettes|fjernes|blir slettet)
    ret(?:ten)? til (?:å bli glemt|at blive glemt|sletting|sletning)
    # Finnish
    (?:poist\w*|poista\w*) (?:\w+ ){0,2}(?:henkilö|yhteys)?(?:tieto(?:ni|mme)|tiedot)
    oikeus tulla unohdetuksi
    # German
    (?:lösch\w*) (?:\w+ ){0,3}(?:meine|unsere) (?:\w+ )?(?:personenbezogenen )?(?:daten|angaben)
    meine\w* (?:\w+ )?daten (?:\w+ ){0,4}(?:zu )?löschen
    recht auf (?:löschung|vergessenwerden)
    """
)
EXPORT = one_of(
    r"""
    # English
    (?:data )?subject access request
    (?:copy of|what) (?:all )?(?:the )?(?:personal )?(?:data|information) (?:\w+ ){0,4}(?:about|on) me
    (?:where|how) (?:did|have) you (?:get|got|find|found|obtain\w*) (?:\w+ ){0,2}(?:my|this
        |our) (?:\S+ )?(?:e-?mail|address|data|details|name|contact|info)
    # Swedish
    registerutdrag
    (?:vilka|vad för|de) (?:person)?uppgifter (?:\w+ ){0,3}(?:ni har|har ni|finns
        |lagrar) (?:\w+ ){0,3}om (?:mig|oss)
    (?:var(?:ifrån)?|hur) (?:har|fick|kom) (?:ni|du) (?:\w+ ){0,2}(?:min|mina|vår|våra|mitt) (?:\S+ )?(?:mejl
        |mail|e-?post|adress|uppgifter|namn|kontakt)\w*(?: ifrån| från)?
    # Norwegian and Danish
    (?:rett til )?innsyn i (?:\w+ ){0,3}(?:opplysning|data)\w*
    indsigt i (?:\w+ ){0,3}(?:oplysning|data)\w*
    hvilke (?:person)?(?:opplysninger|oplysninger|data) (?:\w+ ){0,3}om (?:meg|mig|oss|os)
    hv(?:or|orfra|ordan) (?:har|fikk|fik) (?:dere|du|i) (?:\w+ ){0,3}(?:min|mine|vår|våre|vores
        |mitt) (?:\S+ )?(?:mail|e-?post|adress|opplysning|oplysning|navn|kontakt)\w*
    # Finnish
    tarkastuspyyntö
    mitä tietoja (?:\w+ ){0,3}minusta
    mistä (?:te |sinä )?(?:ole\w* )?(?:saanut|saaneet|saitte|sait) (?:\w+ )?(?:yhteystieto|tieto|osoitte
        |sähköposti)\w*
    # German
    auskunft (?:\w+ ){0,5}(?:daten|art)
    (?:welche|was für) (?:\w+ )?daten (?:\w+ ){0,5}(?:über|von) mi[rch]+
    woher haben sie (?:\w+ ){0,2}(?:meine|unsere) (?:\S+ )?(?:daten|adresse|kontakt|e-?mail|mail)\w*
    """
)
