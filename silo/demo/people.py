"""Fictional Nordic people and companies, the same ones for the same seed. Every address ends in .example (RFC 2606)."""

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SE, NO, DK, FI = "SE", "NO", "DK", "FI"

FIRST = {
    SE: "Åsa Björn Märta Göran Östen Anna Lars Karin Erik Eva Johan Maria Per Ingrid Anders Sofia Mikael Elin Fredrik Linnéa"
    " Gustav Ebba Henrik Maja Oskar Hanna Viktor Frida Nils Agneta Håkan Berit Ulf Camilla Jörgen Tove Mattias Lovisa Sven Annika",
    NO: "Håkon Sørine Ægir Kari Olav Ingrid Bjørn Solveig Sverre Marit Torstein Ragnhild Knut Åse Øystein Tuva Lars Silje Geir"
    " Hilde Sindre Guro Espen Astrid Morten Liv Jostein Vigdis Trond Berit",
    DK: "Søren Mette Jens Kirsten Lærke Anders Birgitte Rasmus Pernille Jørgen Signe Mads Freja Torben Inger",
    FI: "Pekka Päivi Jyrki Aino Väinö Sanna Jukka Hilkka Mikko Tuula Antti Riitta Kimmo Outi Östen",
}
LAST = {
    SE: "Öberg Åkesson Lindström Söderberg Ängström Nyström Bergqvist Sjögren Hägglund Åström Löfgren Dahl Ekström Forsberg Wallin"
    " Hedlund Nordin Björk Sandström Högberg Holmgren Lundin Engström Åberg Norling Hammar Strand Västerlund Rosén Blom",
    NO: "Bjørnstad Ødegård Næss Dahl Moen Haugen Lie Sæther Bakken Solberg Strøm Fjeld Aasen Bråten Rønning Myhre Hovland Østby"
    " Tveit Kvåle Lunde Skår Vangen Eide Nygård",
    DK: "Sørensen Mølgaard Kjær Østergaard Nørgaard Lund Højgaard Brandt Vestergaard Skov Bæk Thygesen",
    FI: "Hämäläinen Mäkelä Virtanen Lehtonen Järvinen Koskinen Salo Heikkilä Rautio Niemelä Söderholm Kääriäinen",
}
PLACES = {
    SE: "Malmö Göteborg Örebro Västerås Norrköping Umeå Gävle Linköping Skövde Östersund Borås Växjö Luleå Sundsvall Karlstad",
    NO: "Bergen Trondheim Ålesund Tromsø Bodø Drammen Stavanger Gjøvik Kristiansand Molde",
    DK: "Aarhus Odense Esbjerg Kolding Aalborg",
    FI: "Tammerfors Vasa Uleåborg Åbo Lahtis",
}
ROOTS = {
    SE: "Mälar Östra Västra Norr Söder Berg Sjö Ek Björk Fors Ås Höga Stål Trä Verk Ström Kust Slätt Skog Mark",
    NO: "Fjord Vest Nord Hav Fjell Elve Sol Øy Vik Strand Lyng Brekke Sund Foss Dal",
    DK: "Jysk Fyns Øst Vester Bælt Kyst Hede Lille Sønder",
    FI: "Metsä Järvi Koski Saari Pohjan Lahti Meri Rauta",
}
TRADES = {
    SE: "mek bygg verken papper laks plast energi transport rör hydraulik livs sågen kyl lack maskin",
    NO: "mek bygg laks havbruk energi transport rør maskin stål tre kraft sild",
    DK: "mek byg maskin stål mejeri energi transport kran",
    FI: "paja puu teräs kone sähkö rakennus paperi",
}
FORMS = {SE: ("AB", "AB", "AB", "HB"), NO: ("AS", "AS", "ASA"), DK: ("A/S", "ApS"), FI: ("Oy", "Oyj", "Ab")}
TITLES = {
    SE: "Underhållschef Inköpschef VD Produktionschef Driftchef Fabrikschef Ekonomichef Teknisk_chef Kvalitetschef Planerare Servicechef",
    NO: "Vedlikeholdssjef Innkjøpssjef Daglig_leder Produksjonssjef Driftsleder Fabrikksjef Økonomisjef Teknisk_sjef Prosjektleder",
    DK: "Vedligeholdschef Indkøbschef Direktør Produktionschef Driftsleder Teknisk_chef",
    FI: "Kunnossapitopäällikkö Ostaja Toimitusjohtaja Tuotantopäällikkö Tehtaanjohtaja",
}
LANGUAGE = {SE: "sv", NO: "nb", DK: "en", FI: "sv"}
PREFIX = {SE: "+4670174", NO: "+479901", DK: "+453212", FI: "+3584012"}
COUNTRIES = (SE,) * 62 + (NO,) * 24 + (DK,) * 7 + (FI,) * 7


@dataclass(frozen=True, slots=True)
class Firm:
    """A company, and whether its mail gateway opens every link before a person sees the mail."""

    name: str
    domain: str
    country: str
    city: str
    scans: bool
    network: str  # of RFC 2544's range: nobody's


@dataclass(frozen=True, slots=True)
class Somebody:
    """One fictional person and the way they take our mails: the chance that a suitable one is read."""

    first_name: str
    last_name: str
    email: str
    phone: str
    title: str
    firm: Firm
    keenness: float
    dead_address: bool


def plain(text: str) -> str:
    """A name as it stands in an address."""
    text = text.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    return re.sub(r"[^a-z0-9]+", "", unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode())


def firms(chance: random.Random, number: int) -> list[Firm]:
    """Companies with different names."""
    made: dict[str, Firm] = {}
    while len(made) < number:
        country = chance.choice(COUNTRIES)
        root, trade = chance.choice(ROOTS[country].split()), chance.choice(TRADES[country].split())
        place = chance.choice(PLACES[country].split())
        stem = root + trade if chance.random() < 0.7 else f"{place}s {trade.capitalize()}"
        domain = f"{plain(stem)}.example"
        if domain not in made:
            network = f"198.{18 + len(made) // 256}.{len(made) % 256}"
            name = f"{stem} {chance.choice(FORMS[country])}"
            made[domain] = Firm(name, domain, country, place, chance.random() < 0.12, network)
    return list(made.values())


def crowd(chance: random.Random, among: list[Firm]) -> Iterator[Somebody]:
    """People without end, no address twice. Most read now and then, some never, a few are nearly ready to buy."""
    seen: set[str] = set()
    number = 0
    while True:
        firm = chance.choice(among)
        first, last = chance.choice(FIRST[firm.country].split()), chance.choice(LAST[firm.country].split())
        email = f"{plain(first)}.{plain(last)}@{firm.domain}"
        if email in seen:
            continue
        seen.add(email)
        number += 1
        yield Somebody(
            first_name=first,
            last_name=last,
            email=email,
            phone=f"{PREFIX[firm.country]}{number:04d}" if chance.random() < 0.8 else "",
            title=chance.choice(TITLES[firm.country].split()).replace("_", " "),
            firm=firm,
            keenness=chance.choices((0.01, 0.10, 0.35, 0.7), weights=(46, 36, 13, 5))[0],
            dead_address=chance.random() < 0.012,
        )
