"""The names of countries as offices write them, in Swedish, Norwegian, Danish, Finnish, German and English."""

import re
from functools import lru_cache

import phonenumbers

# Words of a country, parted by bars; the ISO codes of two and three letters and the old signs on cars stand among them.
_NAMES = {
    "SE": "sweden|sverige|ruotsi|schweden|svensk|swe|s|kingdom of sweden|konungariket sverige",
    "NO": "norway|norge|noreg|norja|norwegen|nor|n|kongeriket norge|kingdom of norway|svalbard",
    "DK": "denmark|danmark|tanska|dänemark|danemark|dnk|kongeriget danmark",
    "FI": "finland|suomi|finnland|fin|sf|republic of finland",
    "IS": "iceland|island|ísland|islanti|isl",
    "FO": "faroe islands|faeroe islands|färöarna|færøyene|færøerne|färsaaret|färöer|fro",
    "GL": "greenland|grönland|grønland|grönlanti|grl",
    "AX": "åland|åland islands|ahvenanmaa|ala",
    "DE": "germany|tyskland|saksa|deutschland|deu|d|ger|brd|federal republic of germany",
    "GB": "united kingdom|great britain|uk|u.k|gbr|england|scotland|wales|northern ireland|storbritannien|storbritannia|skottland|"
    "nordirland|iso-britannia|englanti|vereinigtes königreich|großbritannien",
    "IE": "ireland|irland|irlanti|irl|republic of ireland|eire",
    "NL": "netherlands|the netherlands|holland|nederländerna|nederland|holland|nederlandene|alankomaat|hollanti|niederlande|nld|"
    "the netherlands",
    "BE": "belgium|belgien|belgia|bel|belgique|belgië",
    "LU": "luxembourg|luxemburg|lux",
    "FR": "france|frankrike|frankrig|ranska|frankreich|fra|f",
    "ES": "spain|spanien|spania|espanja|españa|esp|e",
    "PT": "portugal|portugali|prt",
    "IT": "italy|italien|italia|ita|i",
    "AT": "austria|österrike|østerrike|østrig|itävalta|österreich|aut|a",
    "CH": "switzerland|schweiz|sveits|sveitsi|suisse|che",
    "LI": "liechtenstein|lie",
    "PL": "poland|polen|puola|polska|pol",
    "CZ": "czech republic|czechia|the czech republic|tjeckien|tjeckiska republiken|tsjekkia|tjekkiet|tšekki|tsekki|tschechien|"
    "tschechische republik|cze",
    "SK": "slovakia|slovakien|slovakiet|slowakei|slovak republic|svk",
    "HU": "hungary|ungern|ungarn|unkari|hun",
    "RO": "romania|rumänien|rumenien|rumania|romania|rou",
    "BG": "bulgaria|bulgarien|bgr",
    "GR": "greece|grekland|hellas|grækenland|kreikka|griechenland|grc",
    "CY": "cyprus|cypern|kypros|zypern|cyp",
    "MT": "malta|mlt",
    "HR": "croatia|kroatien|kroatia|hrv",
    "SI": "slovenia|slovenien|slowenien|svn",
    "RS": "serbia|serbien|srb",
    "BA": "bosnia and herzegovina|bosnia|bosnien|bosnien-hercegovina|bosnia-hercegovina|bosnien und herzegowina|bih",
    "ME": "montenegro|mne",
    "MK": "north macedonia|macedonia|nordmakedonien|makedonia|nordmazedonien|mkd",
    "AL": "albania|albanien|alb",
    "XK": "kosovo",
    "EE": "estonia|estland|viro|eesti|est",
    "LV": "latvia|lettland|letland|latvija|lva",
    "LT": "lithuania|litauen|liettua|lietuva|ltu",
    "RU": "russia|russian federation|ryssland|russland|rusland|venäjä|rus",
    "UA": "ukraine|ukraina|ukr",
    "BY": "belarus|vitryssland|hviterussland|hviderusland|valko-venäjä|weißrussland|blr",
    "MD": "moldova|moldavien|moldau|mda",
    "GE": "georgia|georgien|geo",
    "TR": "turkey|türkiye|turkiet|tyrkia|tyrkiet|turkki|türkei|tur",
    "US": "united states|united states of america|the united states|usa|u.s.a|u.s|amerika|förenta staterna|amerikas förenta stater|"
    "de forente stater|yhdysvallat|vereinigte staaten|vereinigte staaten von amerika",
    "CA": "canada|kanada|can",
    "MX": "mexico|mexiko|meksiko|mex",
    "BR": "brazil|brasilien|brasil|brasilia|bra",
    "AR": "argentina|argentinien|arg",
    "CL": "chile|chl",
    "CN": "china|kina|kiina|people's republic of china|folkrepubliken kina|chn",
    "HK": "hong kong|hongkong|hkg",
    "TW": "taiwan|twn",
    "JP": "japan|japani|jpn",
    "KR": "south korea|korea|sydkorea|sør-korea|etelä-korea|südkorea|republic of korea|kor",
    "IN": "india|indien|intia|ind",
    "SG": "singapore|singapur|sgp",
    "MY": "malaysia|malesia|mys",
    "TH": "thailand|thaimaa|tha",
    "VN": "vietnam|viet nam|vnm",
    "ID": "indonesia|indonesien|idn",
    "PH": "philippines|the philippines|filippinerna|filippinene|filippinerne|filippiinit|philippinen|phl",
    "AU": "australia|australien|aus",
    "NZ": "new zealand|nya zeeland|uusi-seelanti|neuseeland|nzl",
    "IL": "israel|isr",
    "AE": "united arab emirates|uae|förenade arabemiraten|de forente arabiske emirater|arabiemiraatit|vae|are",
    "SA": "saudi arabia|saudiarabien|saudi-arabia|saudi-arabien|sau",
    "QA": "qatar|katar|qat",
    "IQ": "iraq|irak|irq",
    "IR": "iran|irn",
    "EG": "egypt|egypten|egypti|ägypten|egy",
    "MA": "morocco|marocko|marokko|mar",
    "TN": "tunisia|tunisien|tunesien|tun",
    "ZA": "south africa|sydafrika|sør-afrika|etelä-afrikka|südafrika|zaf",
    "NG": "nigeria|nga",
    "KE": "kenya|kenia|ken",
    "PK": "pakistan|pak",
    "BD": "bangladesh|bgd",
    "LK": "sri lanka|lka",
}
_CODES = {word: code for code, names in _NAMES.items() for word in names.split("|")}
_PARTED = re.compile(r"\s*[/(),;|]\s*|\s+[-–]\s+")


@lru_cache(maxsize=2048)
def code(word: str) -> str:
    """ISO 3166 code of a country: its name, its code, or both ("Sverige (SE)", "Norway / Norge"); "" when nobody knows it."""
    if found := _known(word):
        return found
    parts = [part for part in _PARTED.split(word) if part]
    return next((found for part in parts if (found := _known(part))), "") if len(parts) > 1 else ""


def _known(word: str) -> str:
    if len(word) == 2 and word.upper() in phonenumbers.SUPPORTED_REGIONS:
        return word.upper()
    return _CODES.get(word.casefold().rstrip("."), "")
