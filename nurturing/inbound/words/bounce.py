"""What servers write when they refuse a mail, by what they mean. The order: nurturing.inbound.bounce."""

from nurturing.inbound.words.phrases import one_of

LOCAL = one_of(
    r"""
    procmail
    could ?n[o']t create
    can'?t create (?:user )?output
    unable to lock
    i/o error
    (?:local|internal) (?:delivery|configuration) (?:failed|error)
    command (?:died|failed|time)
    mailer error
    host (?:name )?(?:lookup|not found)[^.]{0,30}try again
    temporary (?:name|dns|failure in name)
    """
)

THEIRS = one_of(
    r"""
    recipient preferences
    rejected by (?:the )?(?:user|recipient|addressee)
    only accept(?:s|ing)? mail from
    (?:user|recipient) (?:refuses|rejects?)\b
    refuses? to receive
    blocked by (?:the )?(?:user|recipient)
    rst\.notauthorized
    not authorized to send to
    (?:is|are) (?:only )?allowed to send
    protected by
    challenge
    """
)

SURELY_UNKNOWN = one_of(
    r"""
    account or domain may not exist
    delivery error: dd (?!sorry)
    """
)

SURELY_POLICY = one_of(
    r"""
    (?:due to|violat\w*|against|for|of) (?:\w+ ){0,3}polic(?:y|ies)\b
    policy (?:restriction|reason|violation|reject)
    """
)

SENDER = one_of(
    r"""
    sender (?:address|domain|id|e-?mail|verify|not|is|rejected|denied|refused|unknown|blocked)
    (?:invalid|bad|unknown|unresolvable|unverified|unacceptable) (?:sender|mail from|return path
        |envelope from)
    domain of sender
    sender'?s? (?:address|domain|host)
    sending domain (?:has|does|not)
    (?:mail|envelope) from (?:domain|address|command|must|has|rejected|refused|denied|is|not)
    fake sender
    (?:avsändar|avsender|afsender|absender|lähettäjä)\w*[^.]{0,40}(?:avvis|afvis|nek|ogiltig|ugyldig|finns inte|abgelehnt|hylätty|blocke)\w*
    your (?:sender|e-?mail|from) (?:address|domain)
    (?:after|in (?:reply|response) to) (?:sending |end of )?mail from
    access denied because of sender
    5\.1\.[78]\b(?!\d)
    return address is (?:not|invalid)
    provide a valid from
    from: (?:domain|address)
    (?:bounces? are|null sender|empty envelope)[^.]{0,30}not (?:accepted|allowed)
    """
)

FULL = one_of(
    r"""
    (?:mail ?box|inbox|account|user|recipient|maildir|folder|storage|disk|spool)[^.;:]{0,60}(?:\bfull\b
        |over(?: ?| its | the | storage | disk | allowed )quota|out of (?:storage|space|disk)|exceed)
    (?:over|exceed\w*|above)[^.;:]{0,40}\bquota\b
    \bquota\b[^.;:]{0,40}(?:exceed|violat|full|limit)
    over ?quota
    quota (?:exceeded|full|violation)
    insufficient (?:disk|storage|system storage|space)
    not enough (?:storage|disk|space)
    no (?:space|room) left
    mail ?box (?:is )?full
    box is full
    (?:exceed|exceeds|exceeded) (?:the |its |their )?(?:storage|disk|mail ?box|maximum (?:storage|allowable))
    inbox is out of storage
    temporarily over quota
    too full
    disk (?:full|quota)
    storage allocation
    (?:inkorg|brevlåd|postlåd)\w*[^.]{0,30}full
    postboks\w*[^.]{0,30}full
    post(?:kasse|boks)\w*[^.]{0,30}fuld
    postfach[^.]{0,40}voll
    postilaati\w*[^.]{0,30}täynnä
    kiintiö\w* (?:on )?(?:ylittynyt|täynnä)
    kvot\w* (?:är |er )?(?:överskrid|overskred|brukt opp)
    speicherplatz[^.]{0,30}(?:ausgeschöpft|überschritten|voll)
    (?:indbakke|innboks|inkorg|postkasse)\w*[^.]{0,20}ikke (?:plads|plass)
    delivery failed: over quota
    mailbox size limit
    has exceeded \S* ?(?:maximum|limit|space)
    (?<![\d.])[45]\.2\.2(?![\d.])
    """
)

AUTH = one_of(
    r"""
    \bdmarc\b
    \bdkim\b
    \bspf\b
    sender policy framework
    unauthenticated
    authenticat
    does not pass authentication
    (?:reverse|rdns|ptr)\W+(?:dns|record|host|lookup|name)
    \bptr\b
    \brdns\b
    cannot find your (?:reverse )?host
    no reverse
    reverse (?:dns|hostname|ip)
    (?:client|your) host(?:name)? (?:name )?(?:rejected|not|has|lookup|does|is|can)
    helo
    ehlo
    forward[- ]confirmed
    ip name lookup
    without a (?:valid )?(?:ptr|dns)
    (?<![\d.])5\.7\.(?:9|2[0-9]|5\d\d)(?![\d.])
    """
)

SPAM = one_of(
    r"""
    \bspam
    \bjunk\b
    unsolicited
    \bube\b
    \buce\b
    (?:virus|malware|infected|trojan|worm|phish)
    message (?:content|body) (?:rejected|refused|blocked)
    bulk (?:e-?)?mail
    content (?:rejected|filter|block)
    looks? like (?:spam|junk)
    classified as
    banned (?:content|file|attachment)
    high probability
    message (?:was |has been )?(?:identified|detected|tagged|filtered)
    spamhaus
    spamcop
    """
)

BLOCKED = one_of(
    r"""
    black ?list
    block ?list
    deny ?list
    \b(?:dns|r)bl\b
    \bbl\b
    blocked
    \bblock(?:ing)?\b
    reputation
    barracuda
    (?:bad|poor|low) reput
    abus
    (?:client|your|connecting) (?:ip|address|host|network|server)
    ip address[^.]{0,50}(?:rejected|denied|refused|listed|not allowed)
    banned
    dynamic ip
    not (?:allowed|permitted) to connect
    too many
    rate limit
    throttl
    exceeded the (?:rate|maximum number|number|limit)
    connections? (?:rate|from|limit|refused by policy|not accepted|frequency)
    concurren
    sending (?:limit|too fast|rate)
    connection (?:dropped|rejected|blocked)
    grey-?list
    try again later
    temporarily (?:deferred|rejected|blocked)
    access from ip
    we do not accept mail from
    refused by (?:our|the) (?:policy|server)
    (?:mail )?from \S*\[?\d+\.\d+\.\d+\.\d+
    mail frequency
    frequency
    no longer accepts (?:mail )?from
    """
)

SIZE = one_of(
    r"""
    (?:message|mail|size|data|body|attachment)[^.;:]{0,50}(?:too (?:large|big|long)|exceed|larger than|limit)
    too (?:large|big) (?:message|mail|for)
    maximum (?:message )?size
    size limit
    exceeds fixed (?:maximum )?size
    (?<![\d.])5\.(?:2\.3|3\.4)(?![\d.])
    """
)

PAUSED = one_of(
    r"""
    (?:account|mailbox|user|recipient|address|e-?mail|inbox|domain|subscriber|customer)[^.;]{0,60}(?:disabled
        |suspend|inactiv|not active|deactiv|locked|frozen|on hold|not activated|temporarily|restricted|is off
        |closed for)
    (?:suspended|disabled|inactive|inactivated|locked|deactivated) (?:account|mailbox|user|recipient|address
        |e-?mail|domain|for)
    (?:currently|temporarily) (?:unavailable|not (?:receiving|accept)|suspended|disabled|inactive)
    not currently (?:accept|receiv)
    user is inactive
    sorry,? your account
    boîte du destinataire archiv
    (?:tillfälligt|midlertidi[gt]+|tilapäisesti|vorübergehend) (?:\w+ )?(?:spärra|stäng|stengt|lukke|sperre|deaktiver|suljet|gesperrt)
    """
)

MOVED = one_of(
    r"""
    (?:user|recipient|account|mailbox|address|she|he|they)[^.;]{0,40}(?:has moved|moved to|moved, please
        |has changed)
    user not local; please try
    new address is
    has been replaced by
    no longer (?:valid|in use|used|exists|available|active|here|works)
    mailbox has moved
    please (?:use|try) (?:the )?(?:new address|<)
    (?<![\d.])5\.1\.6(?![\d.])
    """
)

NO_MAIL = one_of(
    r"""
    null mx
    (?:domain|host|server|system)[^.;]{0,40}(?:does|do|did) (?:not|n't) (?:accept|receive|handle
        |support) (?:e-?)?mail
    accepts? no mail
    (?:does|do) not accept (?:any )?(?:e-?)?mail(?! from)
    no mail (?:is )?accepted
    nullmx
    indicated no smtp service
    no smtp service
    (?<!\d)521 (?![45]\.[0-24-9])
    (?<!\d)556[ -]
    mail receiving disabled
    """
)

NO_HOST = one_of(
    r"""
    (?:host|domain|server|site|system)(?: name)?[^.;:\n]{0,60}(?:not found|unknown|(?:does|do) ?(?:not
        |n[o']t) exist|non-?existent|no such|is invalid|could ?n[o']t be found|cannot be (?:found|resolved))
    (?:unknown|no such|bad|invalid|illegal|unresolvable|unrouteable|unroutable|nonexistent) (?:host|domain
        |mail domain|destination (?:host|domain|system))
    nxdomain
    name (?:or service not known|service error|not found|server: host)
    hostname nor servname
    unrouteable (?:mail )?(?:domain|address)
    unroutable
    all relevant mx records point to non-?existent
    could ?n[o']t find any host
    (?:dns|host) lookup (?:failed|failure|error)
    no (?:mx|mail exchanger?) (?:record|host|for)
    domain (?:isn't|is not) (?:in my list|hosted|served|handled|configured)
    (?:host|domain) is not reachable
    dns error[^.]{0,60}(?:not found|nonexistent|domain name)
    (?:host|domain) name is not
    cannot resolve
    unable to (?:resolve|lookup)
    can'?t resolve
    (?<![\d.])5\.(?:1\.2|4\.4)(?![\d.])
    """
)

UNKNOWN = one_of(
    r"""
    (?:user|users|recipient|recipients|mail ?box|mail drop|address|account|addressee|alias|person|customer
        |subscriber|name|local part|username|e-?mail)[^.;\n]{0,80}?(?:unknown|unrecogni[sz]ed|not (?:found
        |known|exist|a (?:known|valid|registered|user)|valid|recogni[sz]ed|listed|have|our|defined|here|in)
        |(?:does|do|did) ?(?:not|n[o']t) (?:exist|have|match)|doesn.t (?:exist|have)|no such|invalid
        |non-?exist|not unique|undeliverable|is wrong|wasn.t found|could ?(?:not|n[o']t) be found
        |(?:is )?unavailable|no longer|no mailbox|bad|isn.t (?:found|here|valid)|not yet
        |has been (?:permanently )?(?:removed|deleted|terminated|closed|cancell?ed)|deleted|terminated|closed permanently|is closed)
    (?:unknown|no such|invalid|bad|illegal|wrong|nonexistent|non-existent|unrecogni[sz]ed|unable to find
        |can'?t find
        |cannot find) (?:local |e-?mail |virtual |final |destination |delivery |mail ){0,3}(?:user|userid
        |users|recipient|recipients|mail ?box|mail drop|address|addresses|account|addressee|alias|person|name
        |username|local ?part)
    no (?:mail ?box|account|user|recipient|one)(?: here)? (?:by|with|for|named|found|here|of|called)
    not (?:a )?(?:valid|known) (?:user|mail ?box|recipient|address|account)
    (?:not|isn't) our customer
    unknown to (?:address|us|recipient)
    user (?:unknown|not found|doesn.t)
    recipient (?:address )?(?:rejected|refused|unknown|not)(?!:)
    recipient address rejected: access denied
    no valid (?:recipients?|users?)
    no such (?:user|recipient|mail ?box|person|address|account|name|local)
    is not (?:a )?(?:known|valid|listed|registered|recogni[sz]ed)
    there is no (?:mail ?box|user|account|one|recipient|such)
    doesn.t have an? \S* ?account
    (?:this|that|the) (?:address|user|account) no longer
    resolver\.adr\.(?:recip|ex)?\w*notfound
    \bnot ?found\b
    adres\w* not
    mailbox (?:unavailable|not (?:found|available))
    suppress-bounce
    previously bounced
    (?:user|recipient|person|employee|address)?.{0,40}(?:has left|no longer (?:with|employed|at|works?)) (?:the |this |our )?
        (?:company|organi[sz]ation|firm|us\b)
    (?:adresse|destinataire|utilisateur)[^.]{0,40}n'existe pas
    destinataire (?:invalide|inconnu)
    usuario (?:desconocido|no existe)
    не существует
    存在しません
    宛先不明
    あて先不明
    # Swedish, Norwegian, Danish
    (?:användaren?|mottagaren?|kontot?|adressen) saknas
    (?:finns|existerar|finnes|finst|findes|eksisterer) (?:inte|ej|ikke|ikkje)
    (?:adress|mottag|modtag|mottak|konto|brevlåda|postlåda|postboks|postkasse|brukar|bruker|bruger|användare)\w*[^.\n]{0,60}
        (?:är|er|har|ble|blev|blitt) (?:\w+ )?(?:okän|ukjent|ukendt|avslut|nedlag|nedlagt|stäng[dt]|stengt|lukket|borttag|raderad
        |slettet|slettede|upphört|opphørt|ophørt)
    (?:adress|mottagar|epost)\w*[^.\n]{0,60}(?:inte (?:kunde )?hitta(?:de)?s|hitta(?:de)?s inte)
    (?:adress|mottaker)\w*[^.\n]{0,60}(?:ble|blei|kunne) ikke (?:bli )?funnet
    (?:adresse|modtager)\w*[^.\n]{0,60}(?:blev ikke fundet|kunne ikke findes)
    (?:osoite|vastaanottaja|käyttäjä)\w*[^.\n]{0,40}ei (?:löydy|löytynyt|voitu löytää)
    (?:adresse|empfänger)\w*[^.\n]{0,60}(?:konnte nicht gefunden|nicht gefunden|wurde nicht gefunden)
    (?:finns|finnes|finst|findes|fant|fandt) (?:\w+ )?(?:ingen|inget) (?:\w+ )?(?:användare|mottagare|konto|brevlåda|bruker
        |mottaker|brukar|bruger|modtager|postkasse|postboks)
    # German
    existiert [^.]{0,40}nicht
    gibt es nicht
    (?:empfänger|benutzer|adress|postfach|konto)\w* (?:ist |wurde )?(?:hier )?(?:unbekannt|nicht (?:bekannt|gefunden)|gelöscht)
    (?:unbekannte?r?|ungültige?) (?:empfänger|adresse|benutzer)
    okänd (?:mottagare|adress|användare)
    ukjent (?:mottaker|adresse|bruker)
    ukendt (?:modtager|adresse|bruger)
    # Finnish
    ei ole (?:enää )?(?:olemassa|käytössä)
    tuntematon (?:vastaanottaja|osoite|käyttäjä)
    (?:vastaanottaja|osoite|käyttäjä|tili|postilaatikko)\w* (?:on )?(?:tuntematon|poistettu|suljettu)
    """
)

EXPIRED = one_of(
    r"""
    (?:retry|delivery|queue|timeout|deadline|warning|message)[^.;]{0,40}(?:timeout|time ?-?out|expired
        |exceeded \d* ?(?:hours|days))
    timed ?out
    time limit
    (?:too old|has been in (?:the )?queue)
    too long
    gave up
    expired
    deferred
    (?:still|have) (?:being )?(?:retr|not been delivered)
    (?:not|n't|unable)[^.]{0,40}(?:for|within|in|after) (?:the last |more than )?\d+\s*(?:hour|day|minute)
    (?<![\d.])4\.4\.7(?![\d.])
    """
)

POLICY = one_of(
    r"""
    polic
    prohibit
    not (?:allowed|permitted|authorized|authorised|accepted)
    administrative
    (?:access|relay\w*) (?:is )?denied
    relay
    denied
    restrict
    permission
    not accept
    refused
    rejected
    violat
    """
)

BROKEN = one_of(
    r"""
    connection
    network
    host
    server
    route
    routing
    loop
    hop
    system
    internal
    configuration
    local error
    service
    resources
    unreachable
    dns
    temporar
    """
)
