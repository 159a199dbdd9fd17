"""notify's tables, a module a subject."""

from services.notify.models.base import Base
from services.notify.models.contacts import Contact
from services.notify.models.deliveries import Delivery, ReceiptParts, VoidInvoice

__all__ = ["Base", "Contact", "Delivery", "ReceiptParts", "VoidInvoice"]
