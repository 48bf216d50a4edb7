"""What can be said to `manage.py import_contacts`."""

from django.core.management.base import CommandParser

from contacts.forms.import_batch import CAPITALS, ENCODINGS
from contacts.models import LegalGround
from contacts.reading import columns


def add(parser: CommandParser) -> None:
    """All of them."""
    parser.add_argument("file", nargs="?", help="the list, as any office program saves it")
    parser.add_argument(
        "--ground",
        choices=LegalGround.Ground.values,
        help="on what ground we may write to these people; a column of the file may say otherwise per row",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="with --dry-run: keep the file and what was decided about it; --go-on brings it in, --discard throws it away",
    )
    parser.add_argument(
        "--rejects",
        metavar="FILE",
        help="write the rows that did not come in to this file, as they were, with line and reason; --corrects takes it back",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    _about_the_file(parser)
    _about_the_people(parser)
    _about_an_import(parser)


def _about_the_file(parser: CommandParser) -> None:
    group = parser.add_argument_group("how the file is read, where it is not understood by itself")
    encodings = [code for code, _label in ENCODINGS if code]
    group.add_argument("--encoding", default="", choices=encodings, help="the letters of a text file")
    group.add_argument("--delimiter", default="", help="what parts the columns: ; , | or tab")
    group.add_argument(
        "--header-row", default="", metavar="LINE", help="the line that names the columns, or none"
    )
    group.add_argument("--sheet", default="", help="the sheet of a workbook, by its name")
    group.add_argument(
        "--repair", action="store_true", help="put letters back that were encoded twice: “Ã¥” becomes “å”"
    )
    group.add_argument(
        "--capitals",
        default="",
        choices=[code for code, _label in CAPITALS],
        help="names in capitals: write them as names, keep them, or look at each (those rows stay out)",
    )
    group.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="what a column is, e.g. --map Rubrik=title; the column by its name or number; nothing after = leaves it out; "
        f"may be given several times, and is remembered for the next file with this header. Fields: {', '.join(columns.FIELDS)}; "
        "custom:KEY for one of your own; new:text, new:number, new:date, new:choice or new:yes_no to make one",
    )
    group.add_argument(
        "--fresh",
        action="store_true",
        help="do not go by what was decided for the last file with this header",
    )


def _about_the_people(parser: CommandParser) -> None:
    group = parser.add_argument_group("what holds for everybody in it")
    group.add_argument("--country", default="", help="country of phone numbers without one (SE, NO, DK, FI)")
    group.add_argument("--source", default="", help="where the list comes from, in words")
    group.add_argument("--tag", action="append", default=[], help="a tag for everybody in the list")
    group.add_argument("--fill-only", action="store_true", help="fill gaps, never overwrite what is known")
    group.add_argument(
        "--policy",
        action="append",
        default=[],
        metavar="FIELD=keep|fill|overwrite",
        help="what happens to a field that is known already, e.g. --policy title=fill; may be given several times",
    )


def _about_an_import(parser: CommandParser) -> None:
    group = parser.add_argument_group("an import that is there, by its number")
    for name, help_ in (
        (
            "--show",
            "say once more what became of its rows (with --rejects: write those that did not come in)",
        ),
        ("--corrects", "the file is the corrected rejects of this import"),
        ("--go-on", "let an import go on that was paused or stopped, or begin one that was kept"),
        ("--undo", "take an import back"),
        ("--discard", "throw away a file of which nothing came in"),
    ):
        group.add_argument(name, type=int, metavar="IMPORT", help=help_)
