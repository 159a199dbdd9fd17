"""notify's tables, a module a subject."""

from services.notify.models.active_months import ActiveMonth
from services.notify.models.base import Base
from services.notify.models.choices import Choices
from services.notify.models.consent import ConsentRecord, PhoneNumber, TextConsent
from services.notify.models.contact_messages import ContactMessage
from services.notify.models.contacts import Contact
from services.notify.models.deliveries import Delivery, ReceiptParts, VoidInvoice
from services.notify.models.texts import IncomingText, TextMessage
from services.notify.models.visits import VisitReminder

__all__ = [
    "ActiveMonth",
    "Base",
    "Choices",
    "ConsentRecord",
    "Contact",
    "ContactMessage",
    "Delivery",
    "IncomingText",
    "PhoneNumber",
    "ReceiptParts",
    "TextConsent",
    "TextMessage",
    "VisitReminder",
    "VoidInvoice",
]
