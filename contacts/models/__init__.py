"""The silo itself: who is in it, where they came from, on what ground we may write to them."""

from contacts.models.audit_event import AuditEvent
from contacts.models.company import Company
from contacts.models.contact import Contact, ContactAddress, ContactSearch, Objection, Topic
from contacts.models.custom_field import CustomField
from contacts.models.ground import LegalGround
from contacts.models.import_batch import ImportBatch, ImportRow
from contacts.models.suppression import Suppression

__all__ = [
    "AuditEvent",
    "Company",
    "Contact",
    "ContactAddress",
    "ContactSearch",
    "CustomField",
    "ImportBatch",
    "ImportRow",
    "LegalGround",
    "Objection",
    "Suppression",
    "Topic",
]
