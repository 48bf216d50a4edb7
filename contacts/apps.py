"""The app's name and its place in the start of Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Contacts."""

    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Say who empties which table at an erasure; a new table needs a line here (see contacts.erasing)."""
        from contacts import erasing
        from contacts.services import erasure, import_forgetting, import_rows, merge, segment

        # before the name is gone by which it looks
        erasing.register(segment.forget, "contacts.Segment", "contacts.SegmentVersion")
        erasing.register(
            erasure.empty_own,
            *("contacts.Contact", "contacts.ContactAddress", "contacts.ContactSearch", "contacts.Objection"),
            *("contacts.LegalGround", "contacts.FormerGround", "contacts.Suppression", "contacts.Company"),
        )
        erasing.register(import_forgetting.empty, "contacts.ImportBatch")
        erasing.register(import_rows.empty, "contacts.ImportRow", "contacts.ImportCorrection")
        erasing.register(merge.forget, "contacts.Merge", "contacts.DetailsChange", "contacts.DuplicatePair")
        # ids, codes, field names and keyed hashes; words of ours
        erasing.holds_nobody(
            *("contacts.AuditEvent", "contacts.Erasure", "contacts.BalancingText", "contacts.Topic"),
            *("contacts.RetentionRule", "contacts.RetentionRun", "contacts.CustomField"),
            "contacts.ImportCompany",
            *("contacts.MergeRun", "contacts.CarriedStop"),
            "contacts.ImportLayout",  # titles of columns
        )

        from contacts.segments import facts, fields, holdings, kinds, own_fields, stops

        kinds.register(*fields.the_persons(), *holdings.the_silos(), stops.StopKind())
        kinds.register_family(own_fields.PREFIX, own_fields.members, own_fields.member)
        facts.provide("contacts", holdings.load)
        facts.provide("stops", stops.load)
        self._change_many_at_once()
        self._keep_only_for_so_long()

    def _change_many_at_once(self) -> None:
        from contacts import bulk, changes, erasing
        from contacts.services import export, saved_view

        for change in changes.CHANGES:
            bulk.register_change(change)
        erasing.register(export.forget, "contacts.Export", "contacts.BulkChange")
        erasing.register(saved_view.forget, "contacts.SavedView")
        # ids and figures; names of columns
        erasing.holds_nobody("contacts.BulkRow", "contacts.ListLayout")
        self._give_out()

    def _give_out(self) -> None:
        from contacts import giving_out
        from contacts.queries import own_data

        giving_out.register("person", _("Who you are"), own_data.person, place=10)
        giving_out.register("grounds", _("On what ground we write"), own_data.grounds, place=20)
        giving_out.register("stops", _("What is stopped"), own_data.stops, place=30)
        giving_out.register("import_rows", _("The lists you were on"), own_data.import_rows, place=90)

    def _keep_only_for_so_long(self) -> None:
        from contacts import keeping
        from contacts.services import retention

        for kind in (
            keeping.Kind(
                "import_files", _("Uploaded files"),
                _("The files of imports go from the disk. People, rows and undo stay."),
                retention.ImportFiles(), days=30, least=1, chunk=50,
            ),
            keeping.Kind(
                "import_rows", _("Raw rows of imports"),
                _(
                    "The cells as they stood in the file, and what they replaced, are emptied. The counts stay; an"
                    " import cannot be undone after that."
                ),
                retention.ImportRows(), days=90, least=31, chunk=20_000,
            ),
            keeping.Kind(
                "audit_lines", _("Audit log"), _("Lines of the audit log go for good."),
                retention.AuditLines(), days=1095, least=365, chunk=20_000,
            ),
            keeping.Kind(
                "bounced", _("Addresses that do not exist"),
                _("People whose mail came back for good and who have no phone number are erased."),
                retention.People(retention.bounced), days=365, least=30, chunk=200, erases_people=True,
            ),
        ):  # fmt: skip
            keeping.register(kind)
