"""`manage.py import_contacts`: a list of people into the silo, through the same services as the browser."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from contacts import clock, spreadsheet
from contacts.management import import_arguments, import_words
from contacts.models import ImportBatch
from contacts.reading import decoding, inspection, values
from contacts.services import import_batch as imports
from contacts.services import (
    import_check,
    import_columns,
    import_correction,
    import_discard,
    import_fields,
    import_layout,
    import_undo,
    import_work,
)

State = ImportBatch.State
UNREADABLE = 2
NUMBERED = ("go_on", "corrects", "show", "undo", "discard")
DELIMITERS = {"tab": "\t", "semicolon": ";", "comma": ",", "bar": "|"}
Outcome = tuple[ImportBatch, import_check.Found]


class Refused(CommandError):
    """Nothing was done; the sentence says why."""

    def __init__(self, words: object) -> None:
        super().__init__(str(words), returncode=UNREADABLE)


class Command(BaseCommand):
    help = "Bring a list of people into the silo, correct it, or take it back. The same file twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        import_arguments.add(parser)

    def handle(self, **options: Any) -> None:
        started = time.perf_counter()
        try:
            self._require_known(options)
            if options["undo"] or options["discard"]:
                (self._undo if options["undo"] else self._discard)(options)
                return
            batch, found = self._do(options)
            if options["rejects"]:
                self._write_rejects(batch, Path(options["rejects"]))
        except (
            imports.NotNow,
            decoding.Unreadable,
            import_columns.CannotMap,
            import_fields.CannotMake,
        ) as refused:
            raise Refused(refused) from refused
        except OSError as error:
            words = _("%(file)s cannot be opened: %(error)s.")
            said = words % {"file": error.filename or options["file"], "error": error.strerror or error}
            raise Refused(said) from error
        self._report(batch, found, options, time.perf_counter() - started)
        if found.counts["invalid"] or found.counts["review"]:
            raise SystemExit(1)

    @staticmethod
    def _require_known(options: dict[str, Any]) -> None:
        if options["country"] and not values.country(options["country"]):
            raise Refused(_("This country is not known: %s") % options["country"])
        if options["dry_run"] and not options["keep"] and options["rejects"]:
            raise Refused(
                _("A dry run leaves no rows to write to a file. Add --keep, or leave --rejects out.")
            )
        for name in NUMBERED:
            number = options[name]
            if number is not None and not ImportBatch.objects.filter(pk=number).exists():
                raise Refused(_("There is no import %(number)s.") % {"number": number})

    def _undo(self, options: dict[str, Any]) -> None:
        import_undo.begin(batch_id=options["undo"], by=None, now=clock.now())
        said = import_undo.run(batch_id=options["undo"], now=clock.now()).options["undo"]
        self.stdout.write(
            json.dumps({"import": options["undo"], **said})
            if options["json"]
            else ", ".join(f"{k}: {v}" for k, v in said.items())
        )

    def _discard(self, options: dict[str, Any]) -> None:
        batch = ImportBatch.objects.get(pk=options["discard"])
        if not import_discard.discard(batch_id=batch.pk, by=None, now=clock.now()):
            raise Refused(_("Something of this import has come in: --undo takes it back."))
        words = _("“%(name)s” is thrown away. Nothing of it was in the silo.") % {"name": batch.name}
        said = json.dumps({"import": options["discard"], "discarded": True})
        self.stdout.write(said if options["json"] else words)

    def _do(self, options: dict[str, Any]) -> Outcome:
        if batch_id := options["show"]:
            return self._found(ImportBatch.objects.get(pk=batch_id))
        if batch_id := options["go_on"]:
            self._go_on(batch_id)
            return self._run(batch_id)
        if not options["file"]:
            raise Refused(_("Name the file."))
        path = Path(options["file"])
        with path.open("rb") as opened:
            file = File(opened, name=path.name)
            if batch_id := options["corrects"]:
                import_correction.attach(batch_id=batch_id, file=file, by=None, now=clock.now())
                return self._run(batch_id)
            if not options["ground"]:
                raise Refused(_("Say with --ground on what ground we may write to them."))
            return self._import(file, options)

    @staticmethod
    def _go_on(batch_id: int) -> None:
        state = ImportBatch.objects.get(pk=batch_id).state
        if state == State.RUNNING:  # whoever was at it may be gone; where somebody is, `run` does nothing
            return
        begin = imports.resume if state == State.PAUSED else imports.begin
        begin(batch_id=batch_id, by=None, now=clock.now())

    def _import(self, file: File[bytes], options: dict[str, Any]) -> Outcome:
        now, opened = clock.now(), imports.plain(file)
        draft = imports.draft(name=file.name or "", file=opened, **self._chosen(options))
        self._require_sheet(draft, options["sheet"])
        if not options["fresh"]:
            import_layout.recall(batch=draft)
        fields = import_columns.mapped(batch=draft, said=options["map"])
        is_kept = options["keep"] or not options["dry_run"]
        with transaction.atomic():  # a field made on the spot goes again when nothing is kept
            fields = import_fields.make_new(batch=draft, fields=fields, by=None, now=now, file=opened)
            imports.decide(batch=draft, fields=fields, ground=options["ground"], **self._said(draft, options))
            if is_kept:
                imports.keep(batch=draft, file=file, by=None, now=now)
            plan = imports.plan_of(draft, now=now)
            if not is_kept:
                transaction.set_rollback(True)
        if not is_kept:
            return draft, import_work.check_file(file=opened, plan=plan, progress=self._progress)
        if options["dry_run"]:
            return self._found(import_work.check(batch_id=draft.pk, now=now, progress=self._progress))
        batch = imports.begin(batch_id=draft.pk, by=None, now=now)
        if options["map"] or batch.options.get("layout_id"):
            import_layout.remember(batch=batch, by=None, now=now)
        return self._run(batch.pk)

    @staticmethod
    def _chosen(options: dict[str, Any]) -> dict[str, Any]:
        header, delimiter = options["header_row"], options["delimiter"]
        if header and header != "none" and not (header.isdecimal() and int(header)):
            raise Refused(_("--header-row: say the number of the line, or none."))
        delimiter = DELIMITERS.get(delimiter, delimiter)
        if len(delimiter) > 1 or delimiter.isalnum():
            raise Refused(_("--delimiter: say one sign, or tab."))
        return {
            "encoding": options["encoding"],
            "delimiter": delimiter,
            "header": header,
            "sheet": options["sheet"],
            "repair": options["repair"],
        }

    @staticmethod
    def _require_sheet(batch: ImportBatch, sheet: str) -> None:
        there = [one["name"] for one in inspection.Reading(**batch.reading).sheets]
        if sheet and sheet not in there:
            if not there:
                raise Refused(_("This file has no sheets: leave --sheet out."))
            words = _("No sheet is called “%(sheet)s”. The sheets are: %(sheets)s.")
            raise Refused(words % {"sheet": sheet, "sheets": ", ".join(there)})

    @staticmethod
    def _said(batch: ImportBatch, options: dict[str, Any]) -> dict[str, Any]:
        """What holds for the file: as said, else as for the last file of this layout."""
        policy = dict(one.partition("=")[::2] for one in options["policy"])
        for field, how in policy.items():
            if how not in ("keep", "fill", "overwrite"):
                words = _("--policy %(field)s: say keep, fill or overwrite.") % {"field": field}
                raise Refused(words)
        known = batch.options
        return {
            "country": values.country(options["country"]) or known.get("country", ""),
            "source": options["source"],
            "policy": {**known.get("policy", {}), **policy},
            "policy_default": "fill" if options["fill_only"] else known.get("policy_default", ""),
            "tags": options["tag"],
            "capitals": options["capitals"] or known.get("capitals", ""),
        }

    def _run(self, batch_id: int) -> Outcome:
        batch = import_work.run(batch_id=batch_id, now=clock.now(), progress=self._progress)
        if batch.error:
            raise Refused(batch.error)
        return self._found(batch)

    @staticmethod
    def _found(batch: ImportBatch) -> Outcome:
        found = import_check.Found(rows=batch.rows or 0)
        found.counts.update(batch.counts)
        if batch.state in (State.UPLOADED, State.CHECKED):
            found.samples = batch.options.get("samples", {})
            return batch, found
        for row, words in imports.rejected(batch):
            kept = found.samples.setdefault(row.verdict, [])
            if len(kept) < import_words.SHOWN:
                kept.append({"line": row.line, "words": words})
        return batch, found

    @staticmethod
    def _write_rejects(batch: ImportBatch, path: Path) -> None:
        delimiter = inspection.Reading(**batch.reading).dialect.delimiter
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(spreadsheet.lines(imports.rejects_table(batch), delimiter=delimiter))

    def _progress(self, rows: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{rows:,} rows", ending="")

    def _report(
        self, batch: ImportBatch, found: import_check.Found, options: dict[str, Any], seconds: float
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(import_words.as_json(batch, found, seconds)))
            return
        for line in import_words.how_read(batch):
            self.stdout.write(line)
        would = _("Nothing is written. This would happen:") if options["dry_run"] else _("Done:")
        self.stdout.write(f"{would} {found.rows} " + _("rows"))
        for line in import_words.verdicts(found):
            self.stdout.write(line)
        if batch.pk:
            self.stdout.write(_("This is import %(number)s.") % {"number": batch.pk})
