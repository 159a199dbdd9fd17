"""Who may see an invoice. The one place that decides it."""

from sqlalchemy import ColumnElement, and_, bindparam

from services.billing.models import InvoiceRow


def visible_to(customer_id: str) -> ColumnElement[bool]:
    """The condition under which an invoice exists for a customer: it is the customer's own and was ever sent.

    Every answer to a customer, and everything that can be paid, is selected with it; drafts, invoices voided before
    they were sent and other customers' invoices are not there at all (product rule "visible"). A sent invoice
    that was voided stays visible as void.
    """
    return _visible(InvoiceRow.customer_id == customer_id)


def _visible(is_theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(is_theirs, InvoiceRow.sent_at.is_not(None))


VISIBLE = _visible(InvoiceRow.customer_id.in_(bindparam("customer_ids", expanding=True)))
"""The same for the customers given as `customer_ids`, in statements that are built once."""
