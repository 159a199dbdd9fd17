"""Invoices: sent ones are told to the customer, void ones are not."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from contracts.billing import InvoiceSent, InvoiceVoided
from services.notify.domain.facts.invoices import InvoiceFacts
from services.notify.models import VoidInvoice
from services.notify.operations import known_deliveries, known_rows, queueing


def preload_sent(session: Session, events: Sequence[InvoiceSent]) -> None:
    """Take what a batch of sent invoices needs in hand, with three queries."""
    told = [event for event in events if event.origin != "import"]
    invoice_ids = [event.invoice_id for event in told]
    known_rows.load(session, VoidInvoice.invoice_id, invoice_ids)
    queueing.preload(session, source_ids=invoice_ids, customer_ids={event.customer_id for event in told})


def preload_voided(session: Session, events: Sequence[InvoiceVoided]) -> None:
    """The same for void ones."""
    invoice_ids = [event.invoice_id for event in events]
    known_rows.load(session, VoidInvoice.invoice_id, invoice_ids)
    known_deliveries.load(session, invoice_ids)


def invoice_sent(session: Session, event: InvoiceSent, *, now: datetime) -> None:
    """Tell the customer, once; not for history brought along, and not for an invoice that is void by now."""
    if event.origin == "import" or known_rows.get(session, VoidInvoice.invoice_id, event.invoice_id) is not None:
        return
    queueing.add_delivery(
        session,
        kind="invoice_sent",
        source_id=event.invoice_id,
        customer_id=event.customer_id,
        facts=InvoiceFacts.of(event),
        now=now,
    )


def invoice_voided(session: Session, event: InvoiceVoided, *, now: datetime) -> None:
    """Withdraw the e-mail if it is not out yet, and remember that none may follow."""
    if known_rows.get(session, VoidInvoice.invoice_id, event.invoice_id) is None:
        tombstone = VoidInvoice(invoice_id=event.invoice_id, voided_at=now)
        known_rows.add(session, VoidInvoice.invoice_id, tombstone)
    delivery = known_deliveries.get(session, event.invoice_id, "invoice_sent")
    if delivery is not None:
        queueing.withdraw(delivery)
