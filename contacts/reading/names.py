"""The header names that offices and programs use, in Swedish, Norwegian, Danish, Finnish, German and
English, by field.

Written in lower case without accents, signs or blanks: `columns.squeeze` brings a header to this form.
"""

EMAIL = """
ep epostarb emailarb mailarb meili
email e-mail epost e-post mail emailaddress e-mail-address epostadress epostaddress epostadresse
emailadress emailadresse mailadress mailadresse mejl mejladress emailaddr primaryemail emailprimary
e-mail-1 email1 epost1 email1value emailwork workemail jobbmail arbetsmail epostarbete epostarbeid
epostarbejde arbeidsepost sahkoposti sahkopostiosoite ensisijainensahkoposti emailadressegeschaftlich
primareemailadresse emailaddress1 kontaktepost kontaktemail contactemail emailbusiness businessemail
correo eposti sposti epostjobb epostforetag mailaddress emailid subscriberemail emailadresseprimar
primaremailadress hovedepost
emailwork1 sahkop sahkopostitys companyemail foretagsepost firmaepost bedriftsepost epostadressekontaktperson epostkontaktperson
kontaktpersonepost kontaktpersonemail emejl meiladress epostad elpost epostid emailid useremail attendeeemail deltagarepost maileadress
arbejdsmail jobbepost
"""
EMAIL_FURTHER = """
email2 email2address email2adresse e-mail-2-address email2value email3 email3address email3value email4
email4value emailhome homeemail emailother otheremail secondaryemail privateemail personalemail epost2
epostadress2 epost3 epostadress3 epostadresse2 epostadresse3 epostprivat privatepost privatmail
epostannan epostovrig toissijainensahkoposti sekundareemailadresse emailprivat email2adresse
email3adresse additionalemail alternativeemail altemail emailaddress2 emailaddress3 ekstraepost
additionalemailaddresses
epost2adress epost3adress epost2adresse epost3adresse email2adress mailprivat sahkoposti2 sahkoposti3 email2typevalue
emailpersonal epostpersonlig privatmejl
"""
FIRST_NAME = """
etunimet forename firstnames vornamen rufname
firstname fornamn fornavn etunimi vorname givenname fname first givennames tilltalsnamn fornamne
contactfirstname kutsumanimi
"""
LAST_NAME = """
familiename zuname slektsnavn
lastname efternamn etternavn efternavn sukunimi nachname surname familyname lname last sn familienavn
slaktsnamn contactlastname familienname
"""
FULL_NAME = """
vollername deltagarnamn deltakernavn kundkontakten ansprechperson
name namn navn nimi fullname displayname kontaktperson kontakt contact contactname kontaktnamn
kontaktnavn yhteyshenkilo ansprechpartner visningsnamn visningsnavn nayttonimi naytettavanimi anzeigename
fullstandigtnamn fullstendignavn fulltnavn person personname namnkontakt referens kundnamn koko-nimi
kokonimi vollstandigername vornamenachname
henkilo kundensnamn kundensnavn namnkontaktperson navnkontaktperson kontaktpersonnamn kontaktpersonnavn erreferens
deresreferanse deresref yhteyshenkilonnimi kundekontakt kundkontakt
kontakter contacts kontaktpersoner cn commonname befattningshavare attperson besokare gast gaster guest guestname besokarensnamn att
attention
attn vorundnachname namnpadeltagare username
useroriginalname
usernameoriginalname kontaktpersoner avtalskontakt fornamnefternamn fornamnochefternamn fornavnogetternavn fornavnefternavn vornamenname
contactpersonname nimi etujasukunimi
deltagare deltaker deltager participant attendee osallistuja teilnehmer medlem
"""
MIDDLE_NAME = "middlename mellannamn mellomnavn mellemnavn additionalname weiterevornamen toinennimi"
COMPANY = """
tyonantaja arbeitgeber ftg kundbolag klientnavn
company companyname foretag foretagsnamn foretagsnavn bedrift bedriftsnavn firma firmanavn firmanamn
firmenname virksomhed virksomhet virksomhedsnavn virksomhetsnavn selskap selskapsnavn organisation
organization organisasjon organisationname organizationname organization1name yritys yrityksennimi
yritysnimi unternehmen bolag bolagsnamn account accountname employer arbetsgivare arbeidsgiver jarjesto
companycontact foretagetsnamn kundforetag workcompany companyorganization associatedcompany
namedesunternehmens nameofcompany namnpaforetaget navnpabedrift o companyname1 organizationname organisationsnamn organisasjonsnavn
bolagetsnamn arbeidssted arbetsplats customercompany
asiakas asiakkaannimi kundforetagsnamn employername companyororganization
juridisksselskapsnavn foretagorganisation organisationforetag bedriftorganisasjon companyschool foretagetsnamn kundforetag klient
aktiebolag firmanamnet arbetsgivarensnamn arbeidsgivernavn toiminimi yrityksennimi arbeitgeber firmenbezeichnung organisaatio yhteiso
yhtio
juridisknavn juridisktnamn virksomhetsnavn foretagnamn
"""
ORG_NUMBER = """
orgnr orgno organisationsnummer organisasjonsnummer orgnummer orgnumber cvr cvrnummer cvrnr ytunnus
vatnumber companyregistrationnumber
companyorgno businessid organisasjonsnr organisationsnr orgpersonnr companyid foretagsnummer firmanummer cvrnr vatno momsregnr
momsnr orgnrpersonnr bedriftsnummer ytunnusvat
"""
# "Titel" and "title" are a job title unless a clearer column stands beside them: see columns.suggest.
TITLE = """
job beruf rooli arbejdstitel stillingsbeskrivelse
jobtitle befattning stilling stillingstittel position yrkestitel titteli ammattinimi tehtavanimike
arbeidstittel yrke rolle roll role organization1title organizationtitle worktitle funktion
berufsbezeichnung jobposition stillingsbetegnelse tjanstetitel
yrkestittel yrkestitel funksjon funktionsbetegnelse rollforetag jobrole jobfunction toimenkuva ammatti arbetsroll
arbetstitel jobtitel tyonimike
jobbtitel jobbtittel jobbezeichnung stellenbezeichnung stellung positionimunternehmen befattningtitel titelbefattning stillingtittel
arbetsuppgift uppdrag verv jobbroll positionjobtitle headline asema
"""
TITLE_OR_PREFIX = "title titel tittel otsikko titteli occupation"
PHONE = """
directline directdial direktnr direkttel ddi landline festnetz festnetznummer kontorstlf lankanumero tfnarb tlfarb telarb kontakttelefon
phone telefon telefonnummer phonenumber tel telnr tlf tlfnr telefonarbete telefonarbeid arbetstelefon
telefonarbejde businessphone workphone phonework direktnummer direkttelefon puhelin puhelinnumero
tyopuhelin rufnummer telefongeschaftlich teldienstlich phone1value primaryphone phoneprimary mainphone
telefonjobb firmatelefon arbeidstelefon direkt direct workdirectphone dirtel dirtelefon telefondirekte suora suorapuhelin telephone
telephonenumber contactphone
tele telf hovedtelefon telefon1 phone1 haupttelefon directphone tel1 tlfdirekte telefonnrdirekt
telefonnr telnummer tlfnummer telefonarbejde1 puh puhnro puhelinnro telefonkontor kontorstelefon telefondirekt phonenumber1
businessphone1 telefonarbeit telefondienstlich
officephone direkttelefon direktetelefon direktenummer direktnummer phonework officenumber
tfn tfnnr tlfn
"""
MOBILE = """
mob tfnmob tlfmob telmob telefonmobil mobiltfn kannykkanumero cellular mobilenr
mobile mobil mobilephone mobiltelefon mobilnummer mobilenumber mobilephonenumber mobilnr cellphone cell
phonemobile matkapuhelin matkapuhelinnumero kannykka handy handynummer mobiltelnr homemobile gsm mobiltlf
workmobile mobiltelefonnummer mobilarbete
mobilnro gsmnumero mobiltelefonnr mobiletelephone mobilephone1 cellphonenumber mobilejobb mobilprivat
sms smsnummer mobilnr mobilnummer
"""
PHONE_OTHER = """
tfnvxl telvxl tfnvx telefonvxl vxl
homephone telefonhem telefonhjem hemtelefon privattelefon telefonbostad kotipuhelin telefonprivat
phonehome otherphone phoneother telefon2 phone2 phone2value phone3value businessphone2 homephone2
vaxel telefonvaxel vaxelnummer vaxelnr sentralbord companyphone corporatephone switchboard telefonforetag telefonbedrift telefonfirma
hqphone
mainline omstilling vaihde zentrale companyphonenumber foretagstelefon bedriftstelefon
ovrigtelefon annantelefon weiterestelefon telefonannan
"""
CITY = """
kotikunta wohnort bostadsort hemort paikkakunta
city ort stad postort poststed by sted kommune kaupunki postitoimipaikka stadt town ortarbete
businesscity workcity ortgeschaftlich poststedarbeid address1city mailingcity kommun besoksort
tyopaikankaupunki
byarbejde kaupunkityo ortbesok postortbesok byort cityregion locality1 ortarbeit poststedbesok
postnrort postnummerort postnrochort postnrpoststed postnrby plzort zipcity postinumerojatoimipaikka postnummerogpoststed
"""
COUNTRY = """
country land landskod countrycode landkode landregion landregionarbete countryregion
businesscountryregion workcountry maa maakoodi cc landgeschaftlich address1country mailingcountry nation
businesscountry landarbeid landregionarbeid tyopaikanmaa
landomradearbeid landomradearbejde landregionarbeit landregiongeschaftlich maaaluetyo landregion1 landomrade maaalue
maataialue maataialuetyo
"""
LANGUAGE = """
language sprak kieli sprache sprog spraak locale preferredlanguage spraakkode sprakkod languagecode
"""
TAGS = """
tags tag tagg taggar etiketter etiketter kategorier kategori categories category labels label grupper
groups groupmembership segment kategorien merkelapper tunnisteet interessegrupper
luokat merker stikord nyckelord avainsanat schlagworte kundkategori kundekategori kontaktkategori
"""
WEBSITE = """
website webbplats webbsida hemsida nettside nettsted hjemmeside www url webpage webpage1 domain doman
companydomainname kotisivu verkkosivu1 webseite homepage website1value companywebsite companydomain
webside websivu websiteurl webbadress websitehomepage webseite1 website1 hjemmesideadresse wwwsivut internetadresse companyurl
foretagetshemsida webbplatsadress
"""
NOTE = """
note notes obs obsnote anmarkning anmarkningar anm kommentti ovriganteckning ovrigt ovriginfo bemerkung bemerkungen remark remarks
ovrigakommentarer
huom
anteckning anteckningar notat notater kommentar kommentarer comment comments notizen
muistiinpanot huomautus ovrigt merknad merknader bemaerkning info beskrivning description
noter notering noteringar memo lisatiedot lisatieto fritekst fritext
"""
EXTERNAL_ID = """
recordid kundnr kundnummer kundenr kundenummer externtid eksternid externalid id contactid personid
upsalesid leid euid customernumber customerid kundid kundeid asiakasnumero kundennummer medlemsnummer
"""
# Yes means: never write.
OPT_OUT = """
emailoptout optout optedout hasoptedoutofemail unsubscribedfromallemail unsubscribed unsubscribe
nomailings nomailing nomail noemail donotmail donotemail donotcontact doesnotwantemail ingautskick
ingamail ejutskick ejmail ejreklam ejepost avregistrerad avprenumererad avanmald nyhetsbrevavanmald
sparradforutskick spärrad sparrad reserverad reservasjon reservertmotutsendelser reservert avmeldt
ingenutsendelser ingenepost ikkesendepost ikkekontakt ikkemail ikkeepost framleldt frameldt
eimarkkinointia markkinointikielto eisuoramarkkinointia keinewerbung werbesperre abgemeldet blacklisted
gdproptout globallyunsubscribed unsubscribedfromemail
dne dnm unsubtime cleantime ejnyhetsbrev ikkenyhetsbrev ingetnyhetsbrev reklamesparr reklamsparr direktreklam nixmail adressparr
utskickssparr
reklamefri eireklame formeremployee emailhardbouncereason hardbouncereason emailbounced bounced optoutemail emailoptedout
unsubscribedat unsubscribetime unsubscribedate avregistreringsdatum avmeldingsdato avslutat slutat sluttet hasleft
noemailmarketing donotbulkemail donotallowbulkemails donotallowemails suppressed emailsuppressed
isemailbounced emailbouncedreason blocklisted studsad hardbounce hardbounced
avslutad avslutadprenumeration markedemailasspam
"""
DO_NOT_CALL = """
donotcall dnc donotphone ringinte ejtelefon ikkering ikkeringe ikketelefon nixad nix eipuheluita
donotallowphonecalls kontaktaejpertelefon
"""
# No means: never write.
OPT_IN = """
acceptsmarketing acceptsemailmarketing emailoptin emailmarketingconsent marketingoptin subscribed
newsletter nyhetsbrev nyhedsbrev uutiskirje newsletteroptin willhanyhetsbrev prenumererar samtycke
samtykke suostumus einwilligung consent marketingconsent emailconsent gdprconsent samtycketillutskick
mottarnyhetsbrev onskernyhetsbrev vilhanyhetsbrev markkinointilupa
nyhetsbrevjanej nyhetsbrevjanei samtykketilnyhetsbrev samtycketillnyhetsbrev samtyckenyhetsbrev samtykkenyhetsbrev
emailmarketing markedsforingssamtykke marknadsforingssamtycke lupamarkkinointi uutiskirjelupa mottarmail vilhamail
godkannerutskick godkjentutsendelse tillatutskick optinmail
"""
MAIL_STATUS = """
marketingstatus emailstatus subscriptionstatus subscriberstatus memberstatus mailstatus status
epoststatus emailmarketingstatus prenumerationsstatus abonnementsstatus marketingpermission
emailsubscriptionstatus personmarketingstatus
"""
DOUBLE_OPT_IN = "doubleoptin dubbeloptin dobbeloptin doubleoptinstatus bekraftadoptin"
CONSENT_AT = """
confirmtime confirmedat doubleoptinat consentat consenttime consentdate samtyckesdatum samtyckedatum
datumforsamtycke samtyckegivet samtykkedato datoforsamtykke samtykkegitt suostumuspvm einwilligungam
consentgivenat
samtyckestid samtyckestidpunkt samtykketidspunkt tidpunktforsamtycke consenttimestamp optinconfirmedat suostumusaika dateofconsent
marketingconsentdate gdprconsentdate
"""
OPTIN_AT = """
optintime optinat optindate signupdate subscribedat subscribedate signedupat dateadded subscribed-on
anmald anmaldatum pameldt pameldtdato
"""
CONSENT_IP = "confirmip consentip confirmationip samtyckesip samtykkeip ipaddress ip ipadress ipadresse"
OPTIN_IP = "optinip signupip subscribedip"
CONSENT_WORDING = "consenttext consentwording samtyckestext samtykketekst consentstatement"
CONSENT_SOURCE = "consentsource samtyckeskalla samtykkekilde optinsource signupsource"
GROUND = """
ground legalground legalbasis rattsliggrund lagligagrund rettsliggrunnlag behandlingsgrunnlag
behandlingsgrundlag oikeusperuste rechtsgrundlage lawfulbasis legalbasisforprocessingcontactsdata
juridiskgrund juridiskgrundforbehandlingavkontaktensuppgifter rettsliggrunnlagforbehandlingavkontaktensdata juridiskgrunnlag
"""
RECIPIENT = """
recipienttype recipient mottagartyp mottakertype modtagertype kundtyp kundetype customertype contacttype
"""
# Beside one of these, "cancelled" is about letters.
SUBSCRIBED = """
registriert aktiviert subscribed subscribedat subscribedate created optinat optintime prenumererar prenumerationsstart
"""
# Known, and of no use here: shown as "left out" instead of as unknown.
LEFT_OUT = """
memberrating latitude longitude gmtoff dstoff timezone region lastchanged createdate contactowner
lifecyclestage leadstatus suffix salutation prefix nickname smeknamn kallenavn spitzname birthday
fodelsedag fodelsedatum fodselsdag bursdag anniversary gender kon kjonn fax faxnummer businessfax workfax
homefax pager typavepostadress marketingcontactstatus connectedon profileurl lastmodifieddate yominame
initials hobby sensitivity priority mileage department avdelning avdeling abteilung osasto businessstreet
workaddress gatuadressarbete postnummerarbete postnummer postnr zip zipcode postalcode gatuadress adress
adresse address street state email1label email2label phone1label phone2label email1type email2type
email3type email4type phone1type phone2type phone3type namnsuffix visningsnamnepost
varreferens vaarreferanse contactjourneystep useasmailingaddress nameprefix namesuffix phoneticfirstname phoneticlastname fileas
accountowner accountmanager owner agare leadsource lastactivity epostfaktura fakturaepost invoiceemail betalningsvillkor
unsubcampaigntitle unsubreason anrede titelprefix aktiv active birthdaydate mailingstreet mailingzippostalcode
mailingstateprovince photo websitelabel website1label address1formatted afdeling landsdel
eposttyp eposttype mailtype sahkopostintyyppi emailtyp
epostvisningsnamn visningsnavnforepost vistnavnformail sahkopostinnayttonimi emailangezeigtername emailconfidence
"""

# What a word of several may end with.
ENDS = {
    "company": "foretag foretaget bedrift bedriften virksomhed virksomhet yritys unternehmen",
    "full_name": "deltagare deltaker deltager besokare besokande kontaktperson kavija osallistuja teilnehmer",
    "mobile": "mobil mobilnummer",
    "email": "mejl epost epostadress epostadresse sahkoposti",
}
# Beside other words these say nothing: "Last contacted", "Skickat av", "Kontakt via".
WEAK = "first last by info sted att attn direct direkt sms cell kontakt contact person role roll rolle tag label note maa land cc ip id url"
# What may stand beside the name of a field and changes nothing: whose it is (as those words begin), and where.
WHOSE = """
deltag deltak particip attende guest gast gjest gaest besok besog visitor medlem member kontakt contact person kund custom client lead
prospect user anvand bruger bruker regist anmal pamel tilmel deleg mottag prenum subscr respond yhtey osallis jasen asiak teilneh
ansprech mitglied profil
"""
WHERE = """
work main primary office business direct direkte direkt current own arbete jobb jobbet kontor egen primar huvud nuvarande tjanst arbeid
arbejde primaer hoved tyo ensisijainen geschaftlich dienstlich haupt juridisk juridiskt legal 1 associerat associert associated
tillhorande primart pa for of des der till til hos the a den din po postal mailing full fulde fulla fullt hela koko tilknyttet
tilknyttede zugeordnet arb ditt your
"""
# Theirs is another person's, or a machine's: the one who owns the row, sells, invites, answers for the bill.
OTHERS = """
owner owners agare agares eier eiers ejer ejers omistaja saljare saljares selger selger saelger seller sales salesperson rep ansvarig
ansvarigs ansvarlig manager managers chef chefs sjef boss assistant assistants assistent referrer referred inviter invited host
organizer organiser organizers arrangor created creator skapad opprettet oprettet modified andrad updated by av faktura invoice delivery
leverans levering spouse partner emergency anhorig anhoriga nodkontakt parorende vardnadshavare malsman parent guardian handlaggare
bokare bestallare buyer kjoper kjopers koper kober kaufer besteller vastuuhenkilo myyja esimies betreuer verantwortlicher var vara our
"""

# A name that only one language uses tells where the file was made.
LANGUAGE_SIGNS = {
    "SE": """
fornamn efternamn foretag foretagsnamn epostadress befattning anteckning anteckningar telefonarbete
mobiltelefon kundnr webbplats hemsida ort postort sprak taggar bolag
""",
    "NO": """
etternavn bedrift bedriftsnavn stilling epostadresse orgnummer organisasjonsnummer poststed virksomhet
nettside notat merknad kundenr tittel selskap
""",
    "DK": "efternavn virksomhed virksomhedsnavn cvr cvrnr cvrnummer sprog mellemnavn nyhedsbrev bemaerkning",
    "FI": """
etunimi sukunimi yritys sahkoposti sahkopostiosoite puhelin puhelinnumero matkapuhelin kaupunki maa
""",
    "DE": "vorname nachname firma unternehmen handynummer rufnummer stadt notizen ansprechpartner",
}
