"""An import from file to report and back: verdicts, idempotence, resumption, undo, and the command."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from contacts import hooks
from contacts.models import (
    AuditEvent,
    Company,
    Contact,
    ContactSearch,
    ImportBatch,
    ImportRow,
    LegalGround,
    Suppression,
)
from contacts.queries import gate
from contacts.services import contact as contacts
from contacts.services import import_batch as imports
from contacts.services import import_hands, import_run, import_undo, import_work, suppression
from nurturing.models import Standing
from tests import cast

HEADER = "Förnamn;Efternamn;E-post;Företag;Befattning;Telefon;Ej utskick\n"
ASA = "Åsa;Öberg;asa@ostra.example;Östra Verken AB;Inköpschef;08-465 004 11;\n"
BO = "Bo;Ek;BO@ostra.example;Östra Verken;VD;;\n"
CIA = "Cia;Dahl;;Metsä Oy;;070-174 06 05;\n"
DAN = "Dan;Fors;dan@ostra.example;;;;ja\n"
BAD = "Eva;Gran;eva(at)ostra.example;;;;\n"
LOST = "Fia;Holm;fia@ostra.example;;;4,67E+10;\n"
AGAIN = "Åsa;Öberg;ASA@OSTRA.example;Annat AB;;;\n"
ALL = HEADER + ASA + BO + CIA + DAN + BAD + LOST + AGAIN


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def settled(text: str, now: datetime, ground: str = "legitimate_interest", **options: Any) -> ImportBatch:
    batch = imports.receive(
        name="lista.csv", file=ContentFile(text.encode("cp1252"), "lista.csv"), by=None, now=now
    )
    imports.settle(batch=batch, fields=batch.reading["fields"], ground=ground, **options)
    return batch


def bring_in_bytes(data: bytes, now: datetime) -> ImportBatch:
    batch = imports.receive(name="lista.csv", file=ContentFile(data, "lista.csv"), by=None, now=now)
    imports.settle(batch=batch, fields=batch.reading["fields"], ground="consent")
    imports.begin(batch_id=batch.pk, by=None, now=now)
    return import_work.run(batch_id=batch.pk, now=now)


def bring_in(text: str, now: datetime, ground: str = "legitimate_interest", **options: Any) -> ImportBatch:
    batch = settled(text, now, ground, **options)
    imports.begin(batch_id=batch.pk, by=None, now=now)
    return import_work.run(batch_id=batch.pk, now=now)


def undo(batch: ImportBatch, now: datetime) -> ImportBatch:
    import_undo.begin(batch_id=batch.pk, by=None, now=now)
    return import_undo.run(batch_id=batch.pk, now=now)


def everything() -> dict[str, Any]:
    """The silo as far as an import may touch it."""
    return {
        "contacts": list(
            Contact.objects.order_by("id").values(
                "id",
                "email",
                "first_name",
                "last_name",
                "title",
                "phone",
                "company__name",
                "tags",
                "custom",
                "country",
            )
        ),
        "companies": list(Company.objects.order_by("id").values_list("name", "domain")),
        "grounds": list(
            LegalGround.objects.order_by("contact").values_list("contact", "ground", "at", "source")
        ),
        "stops": list(Suppression.objects.in_force().values_list("address", "reason")),
        "search": sorted(ContactSearch.objects.values_list("text", flat=True)),
        "standings": list(Standing.objects.order_by("contact").values_list("contact", flat=True)),
    }


def test_every_row_has_its_verdict_and_everybody_a_standing(db: None, now: datetime) -> None:
    batch = bring_in(ALL, now)
    assert batch.state == "done"
    assert batch.counts == {
        "new": 3,
        "changed": 0,
        "same": 0,
        "duplicate": 1,
        "suppressed": 1,
        "invalid": 1,
        "review": 1,
    }
    assert sum(batch.counts.values()) == batch.rows == ImportRow.objects.filter(batch=batch).count() == 7
    asa = Contact.objects.get(email="asa@ostra.example")
    assert (asa.first_name, asa.last_name, asa.title, asa.phone) == (
        "Åsa",
        "Öberg",
        "Inköpschef",
        "+46846500411",
    )
    assert (asa.obtained, asa.informed_at, asa.country, asa.created_at) == ("list", None, "SE", now)
    standings = dict(Standing.objects.values_list("contact__first_name", "state"))
    assert standings == {"Åsa": "nurtured", "Bo": "nurtured", "Cia": "nurtured", "Dan": "stopped"}
    assert Company.objects.count() == 2
    assert ContactSearch.objects.filter(text__contains="asa oberg").count() == 1
    assert list(ImportRow.objects.filter(batch=batch, verdict="invalid").values_list("raw", "line")) == [
        (BAD.strip().split(";"), 6)
    ]


def test_the_suppressed_are_stored_and_never_written_to(db: None, now: datetime) -> None:
    bring_in(ALL, now)
    dan = Contact.objects.get(email="dan@ostra.example")
    assert gate.verdict(dan.pk).reason == "suppressed:opted_out_in_list"
    assert gate.verdict(Contact.objects.get(first_name="Åsa").pk).allowed
    assert gate.verdict(Contact.objects.get(first_name="Cia").pk).reason == "no_address"


def test_the_same_file_twice_changes_nothing(db: None, now: datetime) -> None:
    bring_in(ALL, now)
    before = everything()
    again = bring_in(ALL, now + timedelta(days=1))
    assert again.counts == {
        "new": 0,
        "changed": 0,
        "same": 3,
        "duplicate": 1,
        "suppressed": 1,
        "invalid": 1,
        "review": 1,
    }
    assert everything() == before


def test_the_dry_run_writes_nothing_and_foretells_the_run(db: None, now: datetime) -> None:
    bring_in(HEADER + ASA, now)
    batch = settled(ALL.replace("Inköpschef", "Ekonom"), now)
    before = everything()
    checked = import_work.check(batch_id=batch.pk, now=now)
    assert everything() == before
    assert not ImportRow.objects.filter(batch=batch).exists()
    foretold = checked.counts
    imports.begin(batch_id=batch.pk, by=None, now=now)
    assert import_work.run(batch_id=batch.pk, now=now).counts == foretold
    assert foretold["changed"] == 1
    assert checked.options["samples"]["invalid"][0]["line"] == 6


def test_a_changed_person_keeps_what_the_file_does_not_say(db: None, now: datetime) -> None:
    bring_in(HEADER + ASA, now)
    batch = bring_in("E-post;Befattning;Telefon\nasa@ostra.example;Ekonom;\n", now)
    asa = Contact.objects.get()
    assert (asa.title, asa.phone, asa.first_name) == ("Ekonom", "+46846500411", "Åsa")
    row = ImportRow.objects.get(batch=batch)
    assert (row.verdict, row.reason, row.before) == (
        "changed",
        "fields|title",
        {"fields": {"title": "Inköpschef"}},
    )
    assert bring_in("E-post;Befattning\nasa@ostra.example;VD\n", now, fill_only=True).counts["same"] == 1


def test_a_stop_that_was_here_before_survives_the_list(db: None, now: datetime) -> None:
    suppression.stop(
        address="asa@ostra.example", channel="mail", reason="unsubscribed", source="link", now=now
    )
    batch = bring_in(HEADER + ASA, now, ground="consent")
    assert batch.counts["suppressed"] == 1
    assert gate.verdict(Contact.objects.get().pk).reason == "suppressed:unsubscribed"
    undo(batch, now)
    assert list(Suppression.objects.in_force().values_list("reason", flat=True)) == ["unsubscribed"]


def test_an_erased_person_is_not_stored_again(db: None, now: datetime) -> None:
    suppression.stop(address="asa@ostra.example", channel="all", reason="erased", source="request", now=now)
    batch = bring_in(HEADER + ASA + BO, now)
    assert (batch.counts["suppressed"], batch.counts["new"], Contact.objects.count()) == (1, 1, 1)
    assert ImportRow.objects.get(batch=batch, verdict="suppressed").raw == []


def test_columns_of_consent_are_the_proof_and_never_weaken_it(db: None, now: datetime) -> None:
    text = "Email Address,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP\na@x.example,,,2016-04-18 13:51:14,192.0.2.65\n"
    bring_in(text, now, ground="consent")
    ground = LegalGround.objects.get()
    assert (ground.ground, ground.ip, f"{ground.at:%Y-%m-%d %H:%M:%S}") == (
        "consent",
        "192.0.2.65",
        "2016-04-18 13:51:14",
    )
    assert bring_in("E-post\na@x.example\n", now, ground="none").counts["same"] == 1
    assert LegalGround.objects.get().ground == "consent"


def test_a_ground_column_overrides_the_files_ground(db: None, now: datetime) -> None:
    bring_in("E-post;Rättslig grund\na@x.example;Samtycke\nb@x.example;\n", now, ground="none")
    found = LegalGround.objects.order_by("contact__email").values_list("ground", flat=True)
    assert list(found) == ["consent", "none"]


def test_an_import_goes_on_after_a_kill_without_doubling_a_row(
    transactional_db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK", 3)
    monkeypatch.setattr(import_hands, "ALONE_BELOW", 100)
    rows = [f"P{n};L;p{n % 17}@x.example;Firma {n % 4} AB;;;\n" for n in range(20)]
    batch = settled(HEADER + "".join(rows), now)
    imports.begin(batch_id=batch.pk, by=None, now=now)

    def die(done: int) -> None:
        if done in (3, 9, 15):
            raise KeyboardInterrupt

    for _attempt in range(3):
        with pytest.raises(KeyboardInterrupt):
            import_work.run(batch_id=batch.pk, now=now, progress=die)
        assert ImportRow.objects.filter(batch=batch).count() == ImportBatch.objects.get().rows_done
    assert import_work.unfinished() == [batch.pk]
    done = import_work.run(batch_id=batch.pk, now=now, progress=die)
    assert done.counts["new"] == Contact.objects.count() == 17
    assert done.counts["duplicate"] == 3
    assert ImportRow.objects.filter(batch=batch).count() == done.rows == 20


def test_undo_goes_back_to_the_exact_earlier_state(db: None, now: datetime) -> None:
    bring_in(HEADER + ASA + BO, now)
    before = everything()
    more = "Åsa;Öberg;asa@ostra.example;Nya Firman AB;Ekonom;070-174 06 05;ja\n" + CIA + DAN
    batch = bring_in(HEADER + more, now, ground="consent", tags=["mässa"])
    assert everything() != before
    undone = undo(batch, now)
    assert undone.state == "undone"
    assert everything() == before
    assert undone.options["undo"] == {"removed": 2, "restored": 1, "kept": 0, "kept_fields": 0, "lifted": 2}
    assert AuditEvent.objects.filter(verb="suppression.lifted").count() == 2


def test_undo_keeps_what_people_did_since(db: None, now: datetime) -> None:
    bring_in(HEADER + ASA, now)
    batch = bring_in(
        HEADER + ASA.replace("Inköpschef", "Ekonom").replace("08-465 004 11", "070-174 06 05") + BO + CIA, now
    )
    asa, bo = Contact.objects.get(first_name="Åsa"), Contact.objects.get(first_name="Bo")
    contacts.update(contact_id=asa.pk, title="CFO", now=now)
    cast.click(bo, at=now)
    undone = undo(batch, now)
    asa.refresh_from_db()
    assert (asa.title, asa.phone) == ("CFO", "+46846500411")
    assert gate.verdict(bo.pk).reason == "no_ground"
    assert not Contact.objects.filter(first_name="Cia").exists()
    assert undone.options["undo"] == {"removed": 1, "restored": 1, "kept": 1, "kept_fields": 1, "lifted": 0}


def test_undo_lifts_no_stop_that_became_a_persons_own(db: None, now: datetime) -> None:
    batch = bring_in(HEADER + DAN, now)
    suppression.stop(
        address="dan@ostra.example", channel="mail", reason="unsubscribed", source="link", now=now
    )
    undo(batch, now)
    assert Suppression.objects.in_force().get().reason == "unsubscribed"


def test_an_import_can_be_undone_once_and_for_thirty_days(db: None, now: datetime) -> None:
    batch = bring_in(HEADER + ASA, now)
    with pytest.raises(imports.NotNow):
        undo(batch, now + timedelta(days=31))
    undo(batch, now + timedelta(days=29))
    with pytest.raises(imports.NotNow):
        undo(batch, now + timedelta(days=29))
    assert not Contact.objects.exists()


def test_the_rooms_above_are_told_in_bulk(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, list[list[int]]] = {"added": [], "stopped": [], "changed": []}

    def listener(name: str) -> Callable[..., None]:
        return lambda contact_ids, *, now: told[name].append(sorted(contact_ids))

    for name in told:
        monkeypatch.setattr(getattr(hooks, name), "_listeners", [listener(name)])
    bring_in(ALL, now)
    new = sorted(Contact.objects.values_list("id", flat=True))
    dan = Contact.objects.get(first_name="Dan").pk
    assert told == {"added": [new], "stopped": [[dan]], "changed": []}


def test_two_imports_of_one_person_at_once_are_two_verdicts_and_one_person(db: None, now: datetime) -> None:
    one, two = settled(HEADER + ASA, now), settled(HEADER + ASA, now)
    for batch in (one, two):
        imports.begin(batch_id=batch.pk, by=None, now=now)
    assert import_work.run(batch_id=one.pk, now=now).counts["new"] == 1
    assert import_work.run(batch_id=two.pk, now=now).counts["same"] == 1


# the command


def run_command(*arguments: str) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    try:
        call_command("import_contacts", *arguments, "--json", stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), json.loads(out.getvalue().splitlines()[-1])
    return 0, json.loads(out.getvalue().splitlines()[-1])


def test_the_command_counts_every_row(db: None, tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_bytes(ALL.encode("cp1252"))
    keys = [
        "import",
        "rows",
        "new",
        "changed",
        "same",
        "duplicate",
        "suppressed",
        "invalid",
        "review",
        "seconds",
        "reading",
    ]
    code, dry = run_command(str(path), "--ground", "consent", "--dry-run")
    assert (code, list(dry), Contact.objects.count(), ImportBatch.objects.count()) == (1, keys, 0, 0)
    code, done = run_command(str(path), "--ground", "consent")
    assert code == 1
    assert {**done, "seconds": 0} == {**dry, "seconds": 0, "import": ImportBatch.objects.get().pk}
    assert sum(done[key] for key in keys[2:-2]) == done["rows"] == 7
    path.write_bytes((HEADER + ASA).encode("utf-8-sig"))
    assert run_command(str(path), "--ground", "consent")[0] == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (bytes(range(256)) * 8, "no text file"),
        (b"PK\x03\x04....", "workbook is damaged"),
        ("Namn;Ort\nÅsa;Lund\n".encode(), "No column holds an e-mail address or a phone number"),
        (b"E-post\n", "nobody in it"),
    ],
)
def test_the_command_says_in_one_sentence_what_it_cannot_read(
    db: None, tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "lista.csv"
    path.write_bytes(data)
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("import_contacts", str(path), "--ground", "consent")
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    assert (ImportBatch.objects.count(), Contact.objects.count()) == (0, 0)


def test_the_command_says_that_there_is_no_such_file(db: None) -> None:
    with pytest.raises(CommandError, match="cannot be opened") as refused:
        call_command("import_contacts", "nowhere.csv", "--ground", "consent")
    assert refused.value.returncode == 2


def test_the_six_files_come_in_as_their_oracle_says(db: None, shared_data: Path) -> None:
    folder = shared_data / "contacts_csv"
    for name, oracle in json.loads((folder / "ORACLE.json").read_text()).items():
        Contact.objects.all().delete()
        Suppression.objects.all().delete()
        code, counts = run_command(str(folder / name), "--ground", "consent")
        assert (code, counts["rows"]) == (0, len(oracle["expected_contacts"])), name
        for expected in oracle["expected_contacts"]:
            one = Contact.objects.select_related("company").get(email=expected["email"])
            got = {"first_name": one.first_name, "last_name": one.last_name, "phone_e164": one.phone}
            got |= {"company": str(one.company or "")}
            assert {key: expected[key] for key in got if key in expected} == {
                key: value for key, value in got.items() if key in expected
            }, name
            assert gate.verdict(one.pk).allowed is not expected.get("suppressed", False), name
            assert set(expected.get("tags", [])) <= set(one.tags)
        again = run_command(str(folder / name), "--ground", "consent")[1]
        assert again["same"] + again["suppressed"] == again["rows"], name


def test_the_command_corrects_and_takes_back(db: None, tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_text("E-post;Befattning\na@x.example;VD\nb(at)x.example;VD\n", encoding="utf-8")
    assert run_command(str(path), "--ground", "consent", "--policy", "title=fill", "--tag", "fair")[0] == 1
    batch = ImportBatch.objects.get()
    assert (batch.options["policy"], Contact.objects.get().tags) == ({"title": "fill"}, ["fair"])
    path.write_text("E-post;Befattning;Line\nb@x.example;VD;3\n", encoding="utf-8")
    code, corrected = run_command(str(path), "--corrects", str(batch.pk))
    assert (code, corrected["rows"], corrected["new"], corrected["invalid"]) == (0, 2, 2, 0)
    assert run_command("--undo", str(batch.pk))[1]["removed"] == 2
    assert not Contact.objects.exists()
    with pytest.raises(CommandError, match="keep, fill or overwrite"):
        call_command("import_contacts", str(path), "--ground", "consent", "--policy", "title=x")
