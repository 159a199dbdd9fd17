"""notify's tables, a module a subject."""

from services.notify.models.base import Base
from services.notify.models.contact_messages import ContactMessage
from services.notify.models.contacts import Contact
from services.notify.models.deliveries import Delivery, ReceiptParts, VoidInvoice

__all__ = ["Base", "Contact", "ContactMessage", "Delivery", "ReceiptParts", "VoidInvoice"]
