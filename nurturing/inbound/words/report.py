"""How mail servers begin, and what they say, when they report about a mail."""

from nurturing.inbound.words.phrases import one_of

SUBJECT = one_of(
    r"""
    undeliver
    un-?deliverable
    (?:e-?)?mail (?:delivery|system error|could not|not delivered|returned|failure|undeliverable)
    returned (?:e-?)?mail
    deliver(?:y|y status)? (?:fail|status|notification|problem|error|report|has failed|delayed|incomplete|to
        |unsuccessful)
    fail(?:ure|ed) (?:notice|delivery|mail|to deliver|notification)
    (?:non[- ]?)?delivery\s
    non-? ?delivery
    non rem
    nondeliverable
    message (?:status|delivery|undeliver|could not|not delivered|you sent|returned|delayed)
    your (?:message|mail|e-?mail)[^:]{0,60}(?:could|not|deliver|return|reject)
    warning: (?:message|could not)
    could not (?:send|deliver)
    cannot (?:send|deliver)
    can(?:'t|not) deliver
    unable to deliver
    user (?:unknown|not)
    unknown user
    bounce
    rejected:?\s
    error sending
    returned:
    mdaemon\s
    there was an error sending
    address not found
    inbox full
    (?:automatic )?(?:abuse|spam|feedback) (?:report|loop)
    complaint
    (?:kunde|kan) inte leverera
    det gick inte att leverera
    (?:ej|inte) lever
    olever
    (?:\w+ )?(?:fördröj|försena|forsinke|verzöger|viivästy)\w*
    leverans ?(?:fel|miss|status)
    meddelande(?:t)? (?:kunde|kan|har) (?:inte|ej|returner)
    kan ikke lever
    kunne ikke lever
    ikke lever
    uleverbar
    ulever
    levering(?:sfeil|sfejl|en mislyk|sstatus| mislyk)
    toimitu(?:s|ksen)
    ei (?:voitu |voi |voida )?toimit
    toimittamaton
    unzustellbar
    nicht zustellbar
    zustell
    fehlgeschlagene
    échec
    non délivr
    mensagem não
    no se (?:pudo|puede)
    """
)

FAILED = one_of(
    r"""
    (?:not|n['’]t|never|unable to|failed to|fail(?:ed|ure)|cannot|error)[^.]{0,80}(?:deliver|reach|send|sent
        |transmi|relay)
    deliver[^.]{0,60}(?:fail|not |error|problem|refus|reject|unsuccess|imposs)
    undeliver
    permanent (?:error|failure|fatal)
    returned (?:to sender|mail|message|unopened)
    (?:unknown|no such) (?:user|recipient|address|mail)
    user unknown
    mail ?box (?:is )?full
    could not be (?:found|delivered)
    rejected
    (?<!\d)55\d[ -]
    does ?n[o']t (?:exist|have)
    (?:kunde|kan) inte levereras?
    gick inte att leverera
    levererades inte
    (?:kunne|kan) ikke leveres
    levering\w* (?:mislyk|feilet|fejlede)
    ikke (?:muligt|mulig) (?:at|å) levere
    nicht zugestellt
    (?:nachricht|mail)[^\n]{0,80}(?:blockiert|abgelehnt|zurückgewiesen)
    (?:meddelande|mejl|mail|melding|meddelelse)\w*[^\n]{0,80}(?:blockera|blokker|blokeret|avvis|afvis)\w*
    fehler bei der (?:nachrichten)?zustellung
    ei (?:voitu|voida) toimittaa
    """
)

WAITING = one_of(
    r"""
    ^\s*(?:warning:|delayed|delivery (?:delayed|status notification \(delay\))|message delayed)
    you do not need to resend
    still being retried
    will (?:continue|keep) (?:to )?(?:try|retry)
    THIS IS A WARNING MESSAGE ONLY
    ^\s*(?:\w+ )?(?:fördröj|försena|forsinke|verzöger|viivästy)\w*
    försöker fortfarande
    hat sich verzögert
    er forsinket
    är (?:försenad|fördröjd)
    on viivästynyt
    (?:behöver inte|trenger ikke|behøver ikke) (?:å |at )?(?:skicka|sende) (?:om|meld)
    brauchen \w+ nicht erneut
    """
)

# Where the words of the server end and the mail of ours begins.
RETURNED = one_of(
    r"""
    [-=*_\s>]{0,40}(?:below this line is a copy|this is a copy of|original message|original mail
        |returned (?:message|mail|text)|unsent message|(?:the )?(?:header|headers|body|text|start|beginning
        |copy) of (?:the|your) (?:original|returned|message|mail)|message headers? follow
        |your (?:original )?message (?:follows|is below|headers|\(headers)|included is a copy
        |undelivered message|message (?:text|contents?|body) follows?|the original message)
    (?:received|return-path|message-id|x-mailer|mime-version|dkim-signature|x-originating-ip)\s*:
    """
)
