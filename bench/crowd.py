"""The people of `bench/finding.py`: a large silo, filled by SQL with every trigger and index in place."""
# ruff: noqa: SIM905 - words are read more easily than lists of strings

import sys

FIRST = (
    "Anna Erik Maria Lars Karin Anders Sara Johan Emma Per Eva Nils Kristina Mikael Lena Jan Elin Hans Åsa Peter "
    "Märta Göran Håvard Ingrid Kjell Solveig Øystein Bjørn Ragnhild Torbjørn Sigrid Åge Kari Ola Liv Knut Astrid "
    "Geir Anne Terje Tone Jukka Päivi Søren Mette Sven-Åke Björn Malin Örjan Ylva Zelda Xerxes Quentin"
).split()
LAST = (
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Lindberg Öberg "
    "Åkesson Sjöström Bergström Lindqvist Ek Å Ström Hansen Johansen Olsen Larsen Løken Næss Dahl Bakken Haugen "
    "Moen Sæther Østby Strand Korhonen Mäkinen Nørgaard Jørgensen Lund Berg Holm Vik Hjälmarsson Wallenstam "
    "Zetterqvist"
).split()
WORK = (
    "Verkstad Mekanik Bygg Åkeri Logistik Data Konsult Energi Skog Fisk Havbruk Elektronik Plåt Möbler Städ "
    "Redovisning Trä Papper Stål Kemi Sjukvård Teknik Marin Entreprenør Rør Maskin Bil Transport Livs Bageri"
).split()
PLACE = (
    "Östra Norra Södra Västra Fjord Bergs Skåne Göta Mälar Oslo Bergen Trøndelag Nord Sør Helgeland Malmö Umeå "
    "Luleå Växjö Ålesund Tromsø Uppsala Örebro Kalmar Visby Åre Mora Kiruna Bodø Hamar"
).split()
TITLES = [
    "Inköpschef",
    "VD",
    "Ekonom",
    "Produktionschef",
    "Daglig",
    "leder",
    "Innkjøper",
    "IT-chef",
    "Säljare",
    "Platschef",
    "Driftsjef",
]
TAGS = [
    "mässa2025",
    "kund",
    "webinar",
    "nyhetsbrev",
    "partner",
    "vip",
    "kall",
    "prospekt",
    "återförsäljare",
    "gammal",
]

PEOPLE = r"""
SELECT setseed(0.4);
CREATE TEMP TABLE names AS SELECT %(first)s::text[] f, %(last)s::text[] l, %(work)s::text[] w, %(place)s::text[] p,
                                  %(titles)s::text[] t, %(tags)s::text[] g;
INSERT INTO contacts_company (name, name_key, domain, org_number, country, city)
SELECT p[1 + n %% 30] || ' ' || w[1 + n / 30 %% 30] || ' ' || n || CASE WHEN n %% 3 = 0 THEN ' AS' ELSE ' AB' END,
       silo_plain(p[1 + n %% 30] || w[1 + n / 30 %% 30] || ' ' || n),
       silo_plain(replace(p[1 + n %% 30] || w[1 + n / 30 %% 30], ' ', '')) || n || '.example', '',
       CASE WHEN n %% 3 = 0 THEN 'NO' ELSE 'SE' END, p[1 + n %% 30]
FROM names, generate_series(1, greatest(%(number)s / 15, 3)) n;
"""
# Fifty thousand at a time, as imports of that size would bring them: each at one moment, the oldest two years ago.
CHUNK = r"""
INSERT INTO contacts_contact (email, first_name, last_name, title, phone, company_id, city, country, recipient, language, way_in, obtained,
                              owner_id, tags, created_at, updated_at, informed_at, custom)
SELECT silo_plain(replace(first, ' ', '') || '.' || last) || n || '@' || k.domain, first, last, title,
       CASE WHEN random() < 0.6 THEN CASE k.country WHEN 'NO' THEN '+479' ELSE '+4670' END || (1000000 + random() * 8999999)::int
            ELSE '' END,
       k.id, k.city, CASE WHEN random() < 0.0002 THEN 'FI' WHEN random() < 0.02 THEN 'DK' ELSE k.country END,
       CASE WHEN random() < 0.04 THEN 'role_address' ELSE 'company_role' END, CASE WHEN random() < 0.1 THEN 'en' ELSE '' END,
       (ARRAY['list','list','list','form','event','referral_external'])[1 + (random() * 5)::int], 'list',
       CASE WHEN random() < 0.1 THEN (SELECT min(id) FROM silo_user) END, tags, moment, moment, moment,
       CASE WHEN random() < 0.3 THEN jsonb_build_object('turnover', (random() * 1000)::int, 'branch', title) ELSE '{}' END
FROM (SELECT n, f[1 + (power(random(), 2) * (array_length(f, 1) - 1))::int] AS first,
             l[1 + (power(random(), 2) * (array_length(l, 1) - 1))::int] AS last,
             t[1 + (random() * (array_length(t, 1) - 1))::int] AS title,
             CASE WHEN random() < 0.4 THEN ARRAY[g[1 + (power(random(), 3) * 9)::int]] ELSE '{}' END AS tags,
             now() - interval '2 years' * (1 - n::float / %(number)s) AS moment,
             1 + (random() * (greatest(%(number)s / 15, 3) - 1))::int AS at
      FROM names, generate_series(%(from)s, %(to)s) n OFFSET 0) people
JOIN contacts_company k ON k.id = at + (SELECT min(id) - 1 FROM contacts_company);
"""
AROUND = r"""
INSERT INTO contacts_legalground (contact_id, purpose, ground, at, source)
SELECT id, 'marketing', CASE WHEN id %% 20 = 0 THEN 'none' WHEN id %% 11 = 0 THEN 'consent' ELSE 'legitimate_interest' END, created_at, ''
FROM contacts_contact;
UPDATE nurturing_standing s SET heat = %(one)s + log(2, (1 + random() * 90)::numeric)::float WHERE contact_id %% 7 = 0;
UPDATE nurturing_standing s SET state = (ARRAY['hot','with_sales','paused','paused'])[1 + contact_id %% 4] WHERE contact_id %% 23 = 0;
UPDATE nurturing_standing s SET state = 'stopped', stop_reason = 'unsubscribed', next_at = NULL WHERE contact_id %% 29 = 0;
"""


# A year's mails to random people (nobody's mails are read here, only when they left), and what was clicked in them.
MAILS = r"""
INSERT INTO nurturing_send (contact_id, kind, dedupe_key, sandbox, state, planned_at, not_before, latest_at, finished_at)
SELECT c.first + (random() * (c.many - 1))::int, 'piece', 'bench:' || n, true, 'accepted', at, at, at, at
FROM (SELECT min(id) AS first, count(*) AS many FROM contacts_contact) c,
     (SELECT n, now() - interval '365 days' * random() AS at FROM generate_series(%(from)s, %(to)s) n) mails;
"""
CLICKS = r"""
INSERT INTO contacts_topic (name, slug) SELECT 'Topic ' || n, 'topic-' || n FROM generate_series(1, 8) n;
INSERT INTO contacts_contact_topics (contact_id, topic_id)
SELECT id, (SELECT min(id) FROM contacts_topic) + id % 8 FROM contacts_contact WHERE id % 9 = 0;
INSERT INTO nurturing_engagementevent (contact_id, type, at, recorded_at, human, signs, topic_id, url, source, dedup_hash, detail)
SELECT s.contact_id, 'clicked', s.finished_at + interval '1 hour', s.finished_at + interval '1 hour',
       CASE WHEN s.id % 3 = 0 THEN 0.1 ELSE 0.9 END, '[]', t.first + s.id % 8, 'https://nordvik.example/' || s.id % 40, 'silo',
       'bench:' || s.id, '{}'
FROM nurturing_send s, (SELECT min(id) AS first FROM contacts_topic) t WHERE s.id % 8 = 0;
INSERT INTO contacts_suppression (address_hash, address, channel, reason, source, at)
SELECT md5(email_key) || md5(email_key), email_key, 'mail', 'unsubscribed', 'link', now() FROM contacts_contact WHERE id % 200 = 0;
"""


def fill(number: int) -> None:
    """That many people and what belongs to them, by SQL, with every trigger and index in place."""
    from django.db import connection

    from contacts import clock, roles
    from nurturing.queries import temperature
    from silo.models import User

    ada = User.objects.create_user("ada@silo.example", None, name="Ada")
    from django.contrib.auth.models import Group

    ada.groups.add(Group.objects.get_or_create(name=roles.ADMIN)[0])
    lists = {"first": FIRST, "last": LAST, "work": WORK, "place": PLACE, "titles": TITLES, "tags": TAGS}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"number": number, **lists})
        for start in range(1, number + 1, 50_000):
            cursor.execute(CHUNK, {"number": number, "from": start, "to": min(start + 49_999, number)})
            say(f"{min(start + 49_999, number):,} people")
        one = temperature.in_force().rule.curve.heat_at(1.0, clock.now())
        cursor.execute(AROUND, {"one": one})
        for start in range(1, number + 1, 100_000):
            cursor.execute(MAILS, {"from": start, "to": min(start + 99_999, number)})
            say(f"{min(start + 99_999, number):,} mails")
        cursor.execute(CLICKS)
        cursor.execute("VACUUM ANALYZE")


def say(words: str) -> None:
    """Where the work has come to, beside the figures."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()
