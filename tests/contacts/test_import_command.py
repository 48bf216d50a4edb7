"""`manage.py import_contacts`: all that the studio can do about a file, without the browser."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from contacts.models import AuditEvent, Contact, CustomField, ImportBatch, ImportLayout, LegalGround
from tests.contacts.test_file_kinds import sheet, xlsx
from tests.contacts.test_import_batch import run_command

pytestmark = pytest.mark.django_db
CONSENT = ("--ground", "consent")


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lista.csv"


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as stopped:
        call_command("import_contacts", *arguments)
    assert stopped.value.returncode == 2
    assert "\n" not in str(stopped.value)
    return str(stopped.value)


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_contacts", *arguments, stdout=out)
    return out.getvalue()


def nothing_is_kept() -> bool:
    return not (ImportBatch.objects.exists() or Contact.objects.exists() or CustomField.objects.exists())


def test_columns_are_named_by_their_title_or_number(file: Path) -> None:
    file.write_text("Rubrik;Kod;Okänd\nVD;a@x.example;Anna\n", encoding="utf-8")
    mapped = ("--map", "rubrik=title", "--map", "2=email", "--map", "Okänd=first_name")
    dry = run_command(str(file), *CONSENT, *mapped, "--dry-run")[1]
    assert (dry["import"], dry["new"], nothing_is_kept()) == (None, 1, True)
    assert dry["reading"]["columns"] == [["Rubrik", "title"], ["Kod", "email"], ["Okänd", "first_name"]]
    done = run_command(str(file), *CONSENT, *mapped)[1]
    assert done["import"] == ImportBatch.objects.get().pk
    assert Contact.objects.values_list("title", "email", "first_name").get() == ("VD", "a@x.example", "Anna")


def test_a_guess_gives_way_to_what_is_said(file: Path) -> None:
    file.write_text("E-post;Annan;Namn\na@x.example;b@x.example;Anna\n", encoding="utf-8")
    run_command(str(file), *CONSENT, "--map", "Annan=email", "--map", "Namn=")
    one = Contact.objects.get()
    assert (one.email, one.first_name) == ("b@x.example", "")
    assert list(one.addresses.values_list("email", flat=True)) == ["a@x.example"]


@pytest.mark.parametrize(
    ("mapped", "sentence"),
    [
        (("Rubrik",), "say a column and what it is"),
        (("Titel=title",), "No column is called “Titel”. The columns are: E-post, Rubrik, Rubrik."),
        (("Rubrik=title",), "name one by its number: 2, 3"),
        (("2=titel",), "No field is called “titel”"),
        (("2=custom:none",), "No field is called “custom:none”"),
        (("2=new:colour",), "No field is called “new:colour”"),
        (("2=title", "3=title"), "cannot both be title"),
        (("1=",), "No column holds an e-mail address"),
        (("2=new:choice", "1="), "No column holds an e-mail address"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_a_sentence(
    file: Path, mapped: tuple[str, ...], sentence: str
) -> None:
    file.write_text("E-post;Rubrik;Rubrik\na@x.example;VD;VD\n", encoding="utf-8")
    arguments = [part for one in mapped for part in ("--map", one)]
    assert sentence in refused(str(file), *CONSENT, *arguments)
    assert nothing_is_kept()


def test_own_fields_are_made_on_the_spot_and_not_by_a_dry_run(file: Path) -> None:
    file.write_text("E-post;Avtalsdatum;Storlek\na@x.example;2024-03-01;stor\n", encoding="utf-8")
    mapped = ("--map", "Avtalsdatum=new:date", "--map", "Storlek=new:choice")
    dry = run_command(str(file), *CONSENT, *mapped, "--dry-run")[1]
    assert (dry["new"], nothing_is_kept(), AuditEvent.objects.exists()) == (1, True, False)
    run_command(str(file), *CONSENT, *mapped)
    assert {one.kind: one.choices for one in CustomField.objects.all()} == {"date": [], "choice": ["stor"]}
    assert sorted(Contact.objects.get().custom.values()) == ["2024-03-01", "stor"]


def test_a_layout_is_remembered_known_again_and_left_aside(file: Path) -> None:
    file.write_text("Rubrik;E-post\nVD;a@x.example\n", encoding="utf-8")
    run_command(str(file), *CONSENT, "--map", "Rubrik=title", "--policy", "title=keep", "--country", "NO")
    file.write_text("Rubrik;E-post\nVD;b@x.example\n", encoding="utf-8")
    again = run_command(str(file), *CONSENT)[1]
    assert again["reading"]["known_layout"] == ImportLayout.objects.get().pk
    batch = ImportBatch.objects.get(pk=again["import"])
    assert (batch.mapping["0"], batch.options["policy"], batch.options["country"]) == (
        "title",
        {"title": "keep"},
        "NO",
    )
    assert Contact.objects.get(email="b@x.example").title == "VD"
    assert ImportLayout.objects.get().times == 2
    fresh = run_command(str(file), *CONSENT, "--fresh", "--dry-run")[1]["reading"]
    assert fresh["known_layout"] is None


def test_letters_delimiter_and_header_line_can_be_said(file: Path) -> None:
    file.write_bytes("Lista\nNamn|E-post\nÅsa Öberg|asa@x.example\n".encode("mac_roman"))
    arguments = ("--encoding", "mac_roman", "--delimiter", "bar", "--header-row", "2")
    run_command(str(file), *CONSENT, *arguments)
    assert Contact.objects.values_list("first_name", "last_name").get() == ("Åsa", "Öberg")
    assert "one sign, or tab" in refused(str(file), *CONSENT, "--delimiter", "ab")
    assert "number of the line" in refused(str(file), *CONSENT, "--header-row", "first")
    assert "no sheets" in refused(str(file), *CONSENT, "--sheet", "Blad1")


def test_a_sheet_is_chosen_by_its_name(file: Path) -> None:
    sheets = [
        (name, sheet([["Namn", "E-post"], [name, f"{name}@x.example".lower()]])) for name in ("Ett", "Tva")
    ]
    file.write_bytes(xlsx(*sheets))
    run_command(str(file), *CONSENT, "--sheet", "Tva")
    assert Contact.objects.get().email == "tva@x.example"
    assert "The sheets are: Ett, Tva." in refused(str(file), *CONSENT, "--sheet", "Tre")


def test_letters_encoded_twice_are_told_and_put_back(file: Path) -> None:
    file.write_text("Namn;E-post\nÅsa Öberg;asa@x.example\n".encode().decode("cp1252"), encoding="utf-8")
    shown = said(str(file), *CONSENT, "--dry-run")
    assert "In 1 cell the letters were encoded twice (“Ã¥” for “å”). --repair puts them back." in shown
    assert run_command(str(file), *CONSENT, "--dry-run")[1]["reading"]["encoded_twice"] == 1
    assert run_command(str(file), *CONSENT, "--repair")[1]["reading"]["encoded_twice"] == 0
    assert Contact.objects.get().last_name == "Öberg"


def test_names_in_capitals_are_told_and_written_as_names(file: Path) -> None:
    file.write_text("Namn;E-post\nÅSA ÖBERG;asa@x.example\n", encoding="utf-8")
    code, dry = run_command(str(file), *CONSENT, "--dry-run")
    assert (code, dry["review"], dry["reading"]["in_capitals"]) == (1, 1, 1)
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_contacts", str(file), *CONSENT, "--dry-run", stdout=out)
    assert "In 1 row the name stands in capitals. --capitals write writes them as names." in out.getvalue()
    assert run_command(str(file), *CONSENT, "--capitals", "write")[0] == 0
    assert Contact.objects.get().last_name == "Öberg"


def test_rejects_are_written_as_they_were_and_come_in_corrected(file: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    file.write_text("Namn;E-post\nÅsa;asa@x.example\nBo;bo(at)x.example\n", encoding="utf-8")
    code, done = run_command(str(file), *CONSENT, "--rejects", str(rejects))
    lines = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert (code, lines[0]) == (1, "Namn;E-post;Line;Reason")
    assert lines[1].startswith("Bo;bo(at)x.example;3;") and len(lines) == 2
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("(at)", "@"), encoding="utf-8")
    corrected = run_command(str(rejects), "--corrects", str(done["import"]))
    assert (corrected[0], corrected[1]["new"]) == (0, 2)
    shown = run_command("--show", str(done["import"]), "--rejects", str(rejects))[1]
    assert (shown["rows"], len(rejects.read_text(encoding="utf-8-sig").splitlines())) == (2, 1)
    assert "cannot be opened" in refused("--show", str(done["import"]), "--rejects", str(tmp_path))


def test_a_kept_dry_run_comes_in_or_is_thrown_away(file: Path) -> None:
    file.write_text("E-post\na@x.example\n", encoding="utf-8")
    kept = run_command(str(file), *CONSENT, "--dry-run", "--keep")[1]
    assert (kept["new"], Contact.objects.count(), ImportBatch.objects.get().state) == (1, 0, "checked")
    assert run_command("--go-on", str(kept["import"]))[1]["new"] == 1
    assert LegalGround.objects.get().ground == "consent"
    assert "This import is in the silo" in refused("--go-on", str(kept["import"]))
    assert "--undo takes it back" in refused("--discard", str(kept["import"]))
    other = run_command(str(file), *CONSENT, "--dry-run", "--keep")[1]["import"]
    discarded = io.StringIO()
    call_command("import_contacts", "--discard", str(other), "--json", stdout=discarded)
    assert discarded.getvalue().strip() == f'{{"import": {other}, "discarded": true}}'
    assert not ImportBatch.objects.filter(pk=other).exists()


@pytest.mark.parametrize("name", ["--go-on", "--undo", "--discard", "--show", "--corrects"])
def test_an_import_that_is_not_there_is_said_so(name: str) -> None:
    assert refused(name, "4711") == "There is no import 4711."


def test_a_dry_run_leaves_no_rejects(file: Path, tmp_path: Path) -> None:
    file.write_text("E-post\nx\n", encoding="utf-8")
    assert "Add --keep" in refused(str(file), *CONSENT, "--dry-run", "--rejects", str(tmp_path / "r.csv"))
