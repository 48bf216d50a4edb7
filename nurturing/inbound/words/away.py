"""What absence notes and farewells say."""

from nurturing.inbound.words.phrases import one_of

LEFT = one_of(
    r"""
    har (?:nu |numera |tyvärr )?slutat\b(?! (?:att|med|röka))
    (?:arbetar|jobbar|verkar) (?:jag |\w+ )?(?:numera |tyvärr )?(?:inte|ej) (?:längre|kvar)
    inte längre (?:anställd|kvar|verksam|arbetar|jobbar)
    ej längre (?:anställd|kvar)
    har (?:jag )?lämnat (?:företaget|bolaget|min (?:tjänst|anställning|roll)|[A-ZÅÄÖ]\w+)
    avslutat (?:sin|min) (?:anställning|tjänst)
    avsluttet (?:sitt|mitt) arbeidsforhold
    (?:min|hans|hennes|mitt) (?:anställning|uppdrag) (?:\S+ ){0,4}(?:upphört|avslutats|upphörde)
    adress(?:en)? (?:används|är) (?:inte|ej) (?:längre|i bruk)
    (?:inte|ej) längre (?:att nå|nåbar|anträffbar)
    (?:slutat|slutade)\.
    gått i pension
    (?:har )?gått (?:vidare|over) (?:till|til|i ny)
    val(?:t|gt) (?:att sluta|å slutte|at stoppe)
    (?:fått|fået|har) (?:ett? )?(?:nytt?|ny) (?:jobb?|arbete|arbejde|arbeid|tjänst)\b
    (?:bytt|skiftet) (?:jobb?|arbetsgivare|arbeidsgiver)\b
    min sista (?:arbets)?dag (?:var|har varit)
    har (?:nå )?sluttet\b(?! (?:å|med))
    (?:jobber|arbeider) (?:jeg |\w+ )?(?:dessverre )?ikke (?:lenger|lengre|længere|mere)
    (?:ikke lenger|ikke længere|ikke mere) (?:ansatt|ansat|tilknyttet|en del|hos|i selskapet)
    har (?:jeg )?forlatt (?:selskapet|bedriften|firmaet|[A-ZÆØÅ]\w+)
    slutt(?:er|ar|et) (?:i|hos|ved|på)\b
    gått av med pensjon
    (?:ikke lenger|ikke længere|ikkje lenger) (?:å treffe|at træffe|å nå|i bruk)
    sag[td] (?:opp|upp mig)
    opsagt (?:min|mit)
    begynt i ny (?:jobb|stilling)
    startet (?:nyt|i nyt) job
    pensjonert meg
    (?:arbeidsforhold|ansettelsesforhold)\w* (?:er|ble) avsluttet
    arbejder (?:jeg |\w+ )?ikke (?:længere|mere)
    er (?:nu )?(?:fratrådt|stoppet (?:hos|i|som|som ansat|ved))
    har (?:jeg )?forladt (?:virksomheden|firmaet|[A-ZÆØÅ]\w+)
    gået på (?:efterløn|pension)
    (?:en|ei) (?:\w+ )?(?:ole )?enää (?:työskentele|töissä|palveluksessa|työsuhteessa|yrityksen
        |\w+n palveluksessa)
    ei työskentele enää
    ei ole enää \w+
    (?:en|ei) ole enää [^.!?]{0,40}(?:palveluksessa|töissä|työsuhteessa)
    työsuhteeni (?:\S+ ){0,4}päätty\w+
    (?:jäänyt|jäin|siirtynyt|siirtyi) eläkkeelle
    osoite ei ole enää käytössä
    (?:olen|on) siirtynyt (?:pois|toisen|muihin|uusiin|uuden)
    vaihtanut työ\w+
    lopettanut (?:työt|työskentelyn|työnsä)
    no longer (?:with|work\w*|employ\w*|at\b|an? employee|part of|associated|in (?:this|the) (?:role
        |position)|here)
    not (?:with|working (?:for|at)) \S+ (?:any ?more|any longer)
    (?:has|have|ve|he|she) (?:now |recently |since )?left (?:the (?:company|business|organi[sz]ation|firm)
        |our|my (?:position|role|job)|[A-Z]\w+)
    left the company
    (?:started a new|changed) (?:jobs?|role|position)
    my employment (?:\S+ ){0,4}(?:has ended|ended|was terminated)
    (?-i:[A-Z]\w+ left [A-Z]\w+)
    (?:has|have|['’]ve) (?:now )?(?:retired|moved on|departed)
    address is no longer (?:in use|used|valid|active)
    my last (?:working )?day (?:at \S+ )?was
    (?:is|are) no longer (?:monitored|in use) as
    nicht (?:mehr|länger) (?:bei|für|in (?:unserem|diesem|der)|im (?:unternehmen|hause)|tätig|beschäftigt
        |angestellt|zur verfügung)
    (?:unternehmen|firma|haus) (?:\S+ ){0,4}verlassen
    (?:bin|ist) (?:\S+ ){0,8}?(?:ausgeschieden|im ruhestand|in (?:den )?(?:rente|ruhestand|pension))
    arbeite\w* (?:\S+ ){0,5}nicht mehr
    arbeitgeber gewechselt
    neue (?:stelle|herausforderung)
    adresse wird nicht mehr (?:verwendet|genutzt)
    """
)

AWAY = one_of(
    r"""
    (?:på|har) (?:semester|ferie|föräldraledig\w*|sommarledig\w*|julledig\w*|tjänsteresa|resande fot|kurs
        |konferens|barsel\w*|foreldrepermisjon|permisjon|orlov|tjenestereise|forretningsrejse|reise|rejse
        |sommerferie|juleferie)
    föräldraledig
    tjänstledig
    sjukskriven
    sykmeldt
    sygemeldt
    barselsorlov
    avspaser\w+
    på (?:messe|mässa|samling|studieresa|studietur)
    frånvarande
    fraværende
    bortrest
    bortrei?j?st
    ute av kontoret
    ikke på kontoret
    inte på kontoret
    ej (?:på kontoret|i tjänst)
    (?:är|er) (?:jag |jeg |just nu |f\.?n\.? |för närvarande |for tiden |i øjeblikket )?(?:ledig|borta|ute
        |væk|bortrest)
    lomailen
    semester|ferie|stängt|stängda?|stengt|lukket|suljettu
    closed
    geschlossen
    \w*(?:loma|vapaa)lla(?:ni)?
    poissa
    pois (?:toimistolta|töistä|paikalta)
    työmatkalla
    out of (?:the )?office
    on (?:annual |maternity |paternity |parental |sick |medical )?(?:leave|vacation|holiday|holidays)
    away from (?:the office|my desk|work)
    (?:currently |now )?(?:away|travell?ing|ooo|out of town)\b
    (?:i am|i['’]m|i will be|i['’]ll be|we are|we will be) (?:currently |now )?out
    (?:limited|no) access to (?:my )?e-?mail
    (?:im|in) (?:urlaub|mutterschutz|elternzeit|ferien)
    abwesend
    nicht im (?:büro|haus|hause)
    ausser haus
    außer haus
    dienstreise
    geschäftsreise
    nicht erreichbar
    """
)

# The tone that only notes have.
TONE = one_of(
    r"""
    tack för (?:ditt|er[t]?) (?:mail|mejl|e-?post|meddelande)
    takk for (?:din |e-?post|din e-?post|din henvendelse|meldingen|mailen)
    tak for din (?:mail|e-?mail|henvendelse)
    kiitos (?:viestistä|sähköposti)
    thank(?:s| you) for your (?:e-?mail|message|mail)
    (?:vielen )?dank für ihre (?:e-?mail|nachricht|mail)
    läser (?:inte|ej|jag inte) (?:min )?(?:e-?post|mail|mejl)
    leser (?:jeg )?ikke (?:e-?post|mail)
    læser (?:jeg )?ikke (?:mail|e-?mail)
    (?:e-?post|mail|meddelanden) (?:läses|besvaras|leses|læses)
    wird nicht (?:gelesen|weitergeleitet)
    en lue sähköposti
    not (?:be )?(?:read|check|monitor)\w* (?:my )?(?:e-?mail|mail|this)
    automatic
    automatisk
    autosvar
    automaatti
    """
)

# Whoever talks business is a person, on holiday or not.
BUSINESS = one_of(
    r"""
    boka\w*
    möte\w*
    intress\w+
    offert\w*
    pris\w*
    kostar
    ring (?:mig|gärna)
    demo\w*
    ring meg
    møte\w*
    tilbud\w*
    interessert
    koster
    mødes?
    interesseret
    tapaami\w+
    tarjou\w+
    hin(?:ta|nat)
    kiinnost\w+
    book
    meeting
    interested
    quote
    price\w*
    call me
    cost
    termin\w*
    angebot\w*
    preis\w*
    interessier\w*
    """
)

# What stands before the name of who is there instead. Names begin with a capital, so capitals count here.
ASK = one_of(
    r"""
    # Swedish
    [Kk]ontakta
    [Tt]a (?:gärna )?kontakt(?: med)?
    [Vv]änd (?:er|dig|Er)(?: i ?stället)? till
    [Ss]kriv(?: gärna)? till
    [Ee]fterträdare(?: är|:)?
    [Ee]rsätts av
    (?:tagits över|övertagits) av
    [Mm]in kollega
    # Norwegian and Danish
    [Kk]ontakt
    [Tt]a (?:gjerne )?kontakt med
    [Hh]envend (?:deg|dig|dere)(?: i ?stedet)? (?:til|direkte til)
    [Hh]envendelser? (?:rettes |kan rettes |bedes rettet )til
    [Ss]kriv(?: venligst| gjerne)? til
    [Ee]tterfølger(?: er|:)?
    over(?:tatt|taget) a[vf]
    [Ee]fterfølger(?: er|:)?
    # Finnish
    [Oo]ta(?:kaa)? yhteyttä
    [Yy]hteyshenkilö(?:nä)?(?: on|:)?
    [Yy]hteyttä(?: voi ottaa)?
    [Ss]eura(?:aja|jani)(?: on|:)?
    # English
    [Cc]ontact
    [Rr]each out to
    [Dd]irect [a-z ]{0,30}to
    [Gg]et in touch with
    [Ww]rite to
    [Ss]uccessor(?: is|:)?
    [Rr]eplaced by
    taken over by
    [Mm]y colleague
    # German
    [Kk]ontakt(?:e|ier(?:en|t)?)
    [Ww]enden [Ss]ie sich(?: bitte)? an
    [Rr]ichten [Ss]ie [^.\n]{0,40} an
    [Aa]nsprechpartner(?:in)?(?: ist|:)?
    [Nn]achfolger(?:in)?(?: ist|:)?
    übernommen von
    [Mm]eine? Kolleg(?:e|en|in)
    """
)
# What may stand between.
WHOM = one_of(
    r"""
    gärna|istället|i stället|min efterträdare|min kollega|kollega|kollegan|vår
    gjerne|heller|vennligst|venligst|i ?stedet|min afløser|min etterfølger|med|med min kollega|vår
    kollegan?|jatkossa|toimii|sen sijaan|kollegaani
    please|instead|our|my colleague|my successor|in future|future|now|[Mm]r\.?|[Mm]s\.?|[Mm]rs\.?
    bitte|Sie|meine[nr]?|Kolleg(?:en|in)|Herrn?|Frau
    """
)
# What begins with a capital and is no name.
NO_NAME = """
Vid För Med Om Hej Hei Mvh Vi Jag Jeg Ved Hvis Kontakta Kontakt Mejla Maila Ring Skriv Ny Nya Frågor Henvendelser Bästa Med
Best Kind Your You Please The Our We Contact Email Mail Call For Mr Mrs Ms Miss Dr Regards Replacement Successor Colleague
Für Bei Bitte Mit Ich Sie Herr Herrn Frau Kollege Kollegin Ansprechpartner Ansprechpartnerin Nachfolger Nachfolgerin Vertretung
Jos Kun Ota Yhteyshenkilö Seuraaja Seuraajani Sijainen Sijaiseni Terveisin
"""
