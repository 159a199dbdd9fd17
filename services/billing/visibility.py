"""Who may see an invoice. The one place that decides it."""

from sqlalchemy import ColumnElement, and_

from services.billing.models import InvoiceRow


def visible_to(*customer_ids: str) -> ColumnElement[bool]:
    """The condition under which an invoice exists for a customer: it is the customer's own and was ever sent.

    Every answer to a customer, and everything that can be paid, is selected with it; drafts, invoices voided before
    they were sent and other customers' invoices are not there at all (product rule "visible"). A sent invoice
    that was voided stays visible as void.
    """
    return and_(InvoiceRow.customer_id.in_(customer_ids), InvoiceRow.sent_at.is_not(None))
