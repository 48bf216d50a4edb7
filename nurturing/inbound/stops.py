"""A no, written as an answer: "ta bort mig från listan", in Swedish, Norwegian, Danish, Finnish, English and German."""

import re

LENGTH = 120  # greeting and closing apart; a longer letter is for a person to read
_STOP = re.compile(
    r"""(?ix)\b(?:
      unsub?scribe | opt\ ?-?out | remove\ (?:me|us|my|this|our)\b | take\ (?:me|us|my\ \S+)\ off
      | (?:no\ more|stop\ sending
      |don['’]?t\ send|do\ not\ send|quit\ sending)\ (?:me\ |us\ |any\ |more\ |these\ |your\ )*(?:mails?|e-?mails?|messages
      |newsletters?|this|spam|these)?
    | leave\ me\ alone | cease\ (?:all\ )?communication | never\ (?:e-?mail|write|contact)\b | stop\ spam
    | stop\ (?:e-?mailing|mailing|contacting|writing|spamming)
    | (?:do\ not|don['’]?t)\ (?:e-?mail|contact|write\ to)\ (?:me
    |us) | not\ interested,?\ (?:please\ )?remove
    | delete\ (?:all\ )?(?:of\ )?my\ (?:data|address|e-?mail|details|information)
    | avregistrera | avanmäl\w* | avprenumerera
    | avsluta\ (?:min\ |mitt\ )?(?:prenumeration\w*|utskick\w*|nyhetsbrev\w*)
    | ta\ (?:gärna\ )?bort\ (?:mig|oss|min\ (?:mejl|mail|e-?post)\w*) | stryk\ (?:mig|oss)
    | radera\ (?:mig|mina\ uppgifter|min\ adress)
    | (?:sluta|upphör(?:\ med)?|låt\ bli)\ (?:att\ )?(?:mejla|maila|skicka|skriva|kontakta|spamma)
    | (?:mejla|maila|kontakta
    |skriv)\ (?:till\ )?(?:mig\ |oss\ )?(?:inte|aldrig|ej)\b | skicka\ (?:mig\ |oss\ )?(?:inte|aldrig|ej
    |inga)\ (?:\w+\ ){0,2}(?:mera?|fler\w*|mejl|mail\w*|utskick|e-?post|något|detta|sånt)\b
    | vill\ (?:inte|ej)\ (?:ha|få
    |längre)\ (?:\w+\ ){0,3}(?:mejl|mail|utskick|nyhetsbrev|e-?post|reklam) | hör\ (?:inte|aldrig)\ av\ (?:er|dig)
    | plocka\ bort\ (?:mig|oss) | vill\ (?:inte|ej)\ (?:bli\ kontaktad|kontaktas) | avbeställ\w*
    | får\ (?:inte|ej|aldrig)\ (?:kontakta|mejla|maila|skriva\ till)\ (?:mig|oss)
    | inga\ (?:fler|mer)\ (?:mejl|mail|utskick
    |nyhetsbrev) | undanber\ (?:mig|oss)
    | melde?\ (?:meg|oss|mig)\ (?:av|ut|fra) | avmeld\w* | avregistrer\w* | fjerne?\ (?:meg|oss|mig|min\ \S+)
    | slett?e?\ (?:meg
    |min\ \S+) | slutte?\ (?:å|med\ å|og)\ (?:sende|kontakte|skrive)
    | stoppe?\ (?:disse|denne|dessa|de\ här|alla|alle)\ (?:mail|e-?post|mejl|utskick|meld|besked)\w*
    | (?:stopp|stop)\ (?:å\ |med\ at\ |med\ å\ )?(?:sende|maile
    |skrive) | ikke\ (?:send|kontakt|skriv)\ (?:til\ )?(?:meg|oss|mig|os|flere|mere?|mails?|e-?post|noe)\b | (?:vil
    |ønsker)\ ikke\ (?:\w+\ ){0,3}(?:ha|få|motta|modtage|have)\ (?:\w+\ ){0,3}(?:mail|e-?post|mailer|nyhetsbrev|nyhedsbrev\w*
    |reklame|henvendelser)
    | ønsker\ ikke\ (?:(?:flere|mere?|noen)\ )?(?:\w+\ )?(?:mail|e-?post|henvendelser|nyhets|nyheds|reklame|meld|besked)\w*
    | ingen\ flere\ (?:mail|mailer|e-?poster|mails)
    | afmeld\w* | frameld\w* | slett?e?\ (?:mig|min\ \S+) | hold\ op\ med\ at\ (?:sende|skrive)
    | flere\ mails,?\ (?:nej\ )?tak
    | peruuta\w*\ (?:tilaus|uutiskirje|postitus)?\w* | perua\ (?:\w+\ )?(?:tilau|uutiskirj|postit)\w*
    | peru\ (?:tilaus|tilaukseni|uutiskirje) | poista(?:kaa)?\ (?:\w*listalta|\w*tietoni|minut
    |osoitteeni|meidät|sähköpostini|tietoni) | älkää\ (?:enää\ )?lähettäkö | älä\ (?:enää\ )?lähetä
    | en\ halua\ (?:enää\ )?(?:\w+\ ){0,2}(?:viestejä|postia|uutiskirjeitä|mainoksia|sähköposteja)
    | lopet(?:a|takaa)\ (?:viestien\ |näiden\ )?(?:lähettäminen|lähettely|viestit)
    | ei\ enää\ (?:viestejä|postia|mainoksia)
    | abmelden | melden\ sie\ (?:mich|uns)\ (?:\w+\ ){0,3}ab | tragen\ sie\ (?:mich|uns)\ (?:\w+\ ){0,4}aus
    | abbestellen
    | austragen | bitte\ löschen\W*$ | (?:nehmt|nehmen\ sie|streicht)\ (?:mich|uns)\ (?:\w+\ ){0,3}(?:raus|heraus|aus)
    | aus\ (?:\w+\ )?verteiler\w*\ (?:nehmen|streichen|löschen|entfernen|austragen) | abgemeldet
    | (?:bitte\ )?(?:nehmen|streichen|entfernen|löschen)\ sie\ (?:mich|meine|uns)
    | keine\ (?:weiteren\ |mehr\ )?(?:e-?mails?|mails?|newsletter|werbung|nachrichten) | (?:senden|schicken
    |schreiben)\ sie\ (?:mir|uns)\ (?:bitte\ )?(?:keine|nicht|nichts)
    )"""
)
# "Stop" alone is a stop; "can we stop by on Tuesday" is a customer.
_BARE_STOP = re.compile(
    r"(?i)^\W*(?:please |snälla |vær så snill |vänligen |venligst |bitte |pls |nej tack,? |nei takk,? |nej tak,? "
    r"|kein interesse,? )?(?:stopp?|sluta|slutt|lopeta|seis|nej tack|nei takk"
    r"|nej tak|ei kiitos|nein danke|no thanks?|no,? thank you|remove|ta bort|fjern|slett|poista)"
    r"(?: please| tack| takk| tak| kiitos| danke| this| nu| nå| now)?[\s.!]*$"
)
_STOP_STEM = re.compile(
    r"(?i)\b(?:avregistrera|avanmäl|avprenumer|avmeld|afmeld|frameld|unsubscri|abmeld|abbestell)"
)
# "Please don't stop sending these": the opposite. And who says "but" has more to say than no.
_NOT_A_STOP = re.compile(
    r"(?i)(?:don['’]?t|do not|never (?!e-?mail|write|contact)|inte|ikke|älä|nicht)\s+(?:please\s+)?(?:stop|sluta"
    r"|slutte|slut|lopeta|unsubscribe|remove"
    r"|avregistrera|avmelde|ta bort|fjern)"
    r"|(?:ta bort|stryk|avregistrera|radera|fjern|slett?)\s+(?:mig|oss|meg)\s+(?:inte|ikke|ej)\b|noch nicht"
    r"|nicht abmelden|not yet|inte ännu|ikke ennå"
    r"|\b(?:but|men|mutta|aber|sondern|utan)\b"
)
# "Can you take me off the list?" asks nothing.
_POLITE = re.compile(
    r"(?i)^\W*(?:please |snälla |vänligen )?(?:kan|kunde|kunne|skulle|vill|vil|can|could|would|will|gidder|könn\w*|würde\w*|voi\w*)\s"
    r"(?:(?:ni|du|dere|i|de|you|sie|ihr|någon|noen|jag|jeg|vi|we)\s)?"
)
_STOP_WORD = re.compile(r"(?i)^\W*(?:stopp?|sluta|slutt|lopeta|lopettakaa|seis)\W*$")
SHOUT = 40
# How people begin and end a letter says nothing about what they want.
_GREETING = re.compile(
    r"(?im)^\s*(?:hej|hei|hallå|hi|hello|dear|god\s?(?:dag|morgon|morgen)|hallo|moi|terve|guten (?:tag|morgen)|sehr geehrte\w*"
    r"|kära|kjære|kære)\b[^\n]{0,40}[,!.]?\s*\n"
)
_CLOSING = re.compile(
    r"(?ims)^\s*(?:(?:med\s)?v[äe]nlig(?:a)?\s?h[äi]ls\w*|mvh|vh|hälsningar|bästa hälsningar|hilsen|med venlig|best regards"
    r"|kind regards|regards|br|cheers|(?:thanks|thank you|tack|takk|tak|kiitos)\W*$|ystävällisin|terveisin|t\.|mit freundlichen"
    r"|viele grüße|gruß|mfg|lg|skickat från|sendt fra|sent from|lähetetty|von meinem|--|/\s?\w+)(?!\w).*\Z"
)


def asks_to_stop(text: str) -> bool:
    """True for a short text that says stop and little else. A long letter with the word in it is for a
    person to read.
    """
    said = " ".join(_CLOSING.sub("", _GREETING.sub("", f"{text.strip()}\n", count=1)).split())
    said = said or " ".join(text.split())
    if not said or len(said) > LENGTH or _NOT_A_STOP.search(said):
        return False
    sentences = re.findall(r"[^.!?]+[.!?]*", said)
    said = " ".join(
        one.strip() for one in sentences if not one.rstrip().endswith("?") or _POLITE.match(one)
    ).strip()
    if len(said) <= SHOUT and any(_STOP_WORD.match(one) for one in sentences):
        return True
    return bool(said and (_BARE_STOP.search(said) or _STOP.search(said) or _STOP_STEM.search(said)))
