"""`manage.py import_contacts`: a list of people into the silo, through the same services as the browser."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from contacts import clock
from contacts.models import ImportBatch, ImportRow, LegalGround
from contacts.reading import decoding, inspection, reasons, values, verdict
from contacts.services import import_batch as imports
from contacts.services import import_check, import_correction, import_undo, import_work

UNREADABLE = 2
SHOWN = 20  # rejected rows of each kind that are printed


class Command(BaseCommand):
    help = "Bring a list of people into the silo, correct it, or take it back. The same file twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="the list, as any office program saves it")
        parser.add_argument(
            "--ground",
            choices=LegalGround.Ground.values,
            help="on what ground we may write to these people; a column of the file may say otherwise per row",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument(
            "--country", default="", help="country of phone numbers without one (SE, NO, DK, FI)"
        )
        parser.add_argument("--source", default="", help="where the list comes from, in words")
        parser.add_argument(
            "--fill-only", action="store_true", help="fill gaps, never overwrite what is known"
        )
        parser.add_argument(
            "--policy",
            action="append",
            default=[],
            metavar="FIELD=keep|fill|overwrite",
            help="what happens to a field that is known already, e.g. --policy title=fill; may be given several times",
        )
        parser.add_argument("--tag", action="append", default=[], help="a tag for everybody in the list")
        parser.add_argument(
            "--corrects", type=int, metavar="IMPORT", help="the file is the corrected rejects of this import"
        )
        parser.add_argument(
            "--go-on", type=int, metavar="IMPORT", help="let an import go on that was paused or stopped"
        )
        parser.add_argument("--undo", type=int, metavar="IMPORT", help="take an import back")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, **options: Any) -> None:
        started = time.perf_counter()
        country = values.country(options["country"])
        if options["country"] and not country:
            raise CommandError(_("This country is not known: %s") % options["country"], returncode=UNREADABLE)
        try:
            if options["undo"]:
                self._undo(options)
                return
            check = self._do(options, country)
        except (imports.NotNow, ImportBatch.DoesNotExist) as refused:
            raise CommandError(str(refused), returncode=UNREADABLE) from refused
        except decoding.Unreadable as refused:
            raise CommandError(str(refused), returncode=UNREADABLE) from refused
        except OSError as error:
            words = _("%(file)s cannot be opened: %(error)s.")
            said = words % {"file": options["file"], "error": error.strerror or error}
            raise CommandError(said, returncode=UNREADABLE) from error
        self._report(check, options, time.perf_counter() - started)
        if check.counts["invalid"] or check.counts["review"]:
            raise SystemExit(1)

    def _undo(self, options: dict[str, Any]) -> None:
        import_undo.begin(batch_id=options["undo"], by=None, now=clock.now())
        said = import_undo.run(batch_id=options["undo"], now=clock.now()).options["undo"]
        self.stdout.write(
            json.dumps(said) if options["json"] else ", ".join(f"{k}: {v}" for k, v in said.items())
        )

    def _do(self, options: dict[str, Any], country: str) -> import_check.Found:
        if batch_id := options["go_on"]:
            begin = (
                imports.resume if ImportBatch.objects.get(pk=batch_id).state == "paused" else imports.begin
            )
            begin(batch_id=batch_id, by=None, now=clock.now())
            return self._run(batch_id)
        if not options["file"]:
            raise CommandError(_("Name the file."), returncode=UNREADABLE)
        path = Path(options["file"])
        if batch_id := options["corrects"]:
            with path.open("rb") as file:
                import_correction.attach(
                    batch_id=batch_id, file=File(file, name=path.name), by=None, now=clock.now()
                )
            return self._run(batch_id)
        if not options["ground"]:
            raise CommandError(
                _("Say with --ground on what ground we may write to them."), returncode=UNREADABLE
            )
        return self._import(path, options, country)

    def _run(self, batch_id: int) -> import_check.Found:
        batch = import_work.run(batch_id=batch_id, now=clock.now(), progress=self._progress)
        if batch.error:
            raise CommandError(batch.error, returncode=UNREADABLE)
        found = import_check.Found(rows=batch.rows or 0)
        found.counts.update(batch.counts)
        for row, words in imports.rejected(batch):
            kept = found.samples.setdefault(row.verdict, [])
            if len(kept) < SHOWN:
                kept.append({"line": row.line, "words": words})
        return found

    def _import(self, path: Path, options: dict[str, Any], country: str) -> import_check.Found:
        now = clock.now()
        with path.open("rb") as file:
            if options["dry_run"]:
                reading = inspection.inspect(file)
                inspection.require_reachable(reading)
                draft = ImportBatch(
                    name=path.name,
                    reading=reading.as_json(),
                    mapping={str(at): name for at, name in enumerate(reading.fields)},
                    options={
                        **self._options(options, country),
                        "policy_default": "fill" if options["fill_only"] else "overwrite",
                    },
                    ground=options["ground"],
                )
                return import_work.check_file(
                    file=file, plan=imports.plan_of(draft, now=now), progress=self._progress
                )
            inspection.require_reachable(inspection.inspect(file))
            batch = imports.receive(name=path.name, file=File(file, name=path.name), by=None, now=now)
        imports.settle(
            batch=batch,
            fields=batch.reading["fields"],
            ground=options["ground"],
            **self._options(options, country),
        )
        imports.begin(batch_id=batch.pk, by=None, now=now)
        return self._run(batch.pk)

    @staticmethod
    def _options(options: dict[str, Any], country: str) -> dict[str, Any]:
        policy = dict(one.partition("=")[::2] for one in options["policy"])
        for field, how in policy.items():
            if how not in ("keep", "fill", "overwrite"):
                words = _("--policy %(field)s: say keep, fill or overwrite.") % {"field": field}
                raise CommandError(words, returncode=UNREADABLE)
        said = {"country": country, "source": options["source"], "fill_only": options["fill_only"]}
        return {**said, "policy": policy, "tags": options["tag"]}

    def _progress(self, rows: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{rows:,} rows", ending="")

    def _report(self, check: import_check.Found, options: dict[str, Any], seconds: float) -> None:
        counts = verdict.counts_of(check.counts)
        if options["json"]:
            said = {"rows": check.rows, **counts, "seconds": round(seconds, 3)}
            self.stdout.write(json.dumps(said))
            return
        would = _("Nothing is written. This would happen:") if options["dry_run"] else _("Done:")
        self.stdout.write(f"{would} {check.rows} " + _("rows"))
        labels = dict(ImportRow.Verdict.choices)
        for word, count in counts.items():
            if count:
                self.stdout.write(f"  {count:>8}  {labels[word]}")
        for word in verdict.REJECTED:
            for row in check.samples.get(word, [])[:SHOWN]:
                words = row.get("words") or reasons.words(row["reason"])
                self.stdout.write(_("  line %(line)s: %(words)s") % {"line": row["line"], "words": words})
