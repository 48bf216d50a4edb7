"""The silo itself: who is in it, where they came from, on what ground we may write to them."""

from contacts.models.audit_event import AuditEvent
from contacts.models.bulk_change import BulkChange, BulkRow
from contacts.models.company import Company
from contacts.models.contact import Contact, ContactAddress, ContactSearch, Objection, Topic
from contacts.models.custom_field import CustomField
from contacts.models.erasure import Erasure
from contacts.models.export import Export
from contacts.models.ground import BalancingText, FormerGround, LegalGround
from contacts.models.import_batch import ImportBatch, ImportCompany, ImportCorrection, ImportRow
from contacts.models.import_layout import ImportLayout
from contacts.models.merge import CarriedStop, DetailsChange, DuplicatePair, Merge, MergeRun
from contacts.models.retention import RetentionRule, RetentionRun
from contacts.models.saved_view import ListLayout, SavedView
from contacts.models.segment import Segment, SegmentVersion
from contacts.models.suppression import Suppression

__all__ = [
    "AuditEvent",
    "BalancingText",
    "BulkChange",
    "BulkRow",
    "CarriedStop",
    "Company",
    "Contact",
    "ContactAddress",
    "ContactSearch",
    "CustomField",
    "DetailsChange",
    "DuplicatePair",
    "Erasure",
    "Export",
    "FormerGround",
    "ImportBatch",
    "ImportCompany",
    "ImportCorrection",
    "ImportLayout",
    "ImportRow",
    "LegalGround",
    "ListLayout",
    "Merge",
    "MergeRun",
    "Objection",
    "RetentionRule",
    "RetentionRun",
    "SavedView",
    "Segment",
    "SegmentVersion",
    "Suppression",
    "Topic",
]
