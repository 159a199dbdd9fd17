"""What credits and a payment would do, computed by the rules that will do it. Nothing is set aside or changed."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from contracts import codes
from contracts.billing import AllocationPreview, Objection, PreviewAllocation, PreviewedInvoice
from contracts.wire import Refused
from services.billing import store
from services.billing.domain import limits
from services.billing.domain.allocation import oldest_due_first, share_credits, spread
from services.billing.domain.hold import place_hold
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import Moment, OwnerRules
from services.billing.operations.applying import invoices_meant

MOST_LISTED = 500
"""Invoices in one preview; what the rest get is summed."""


def preview_allocation(
    session: Session, command: PreviewAllocation, *, rules: OwnerRules, moment: Moment
) -> AllocationPreview:
    """Where credits and a payment would go now, and why it would be refused if it would."""
    limits.check_id(command.customer_id, "customer_id")
    if command.amount_minor:
        limits.check_amount(command.amount_minor, "amount_minor")
    meant = invoices_meant(session, command.customer_id, command.invoice_ids)
    payable = [invoice for invoice in meant.invoices if invoice.open_minor]
    free = oldest_due_first(invoice for invoice in payable if invoice.invoice_id not in meant.being_paid)
    open_before = {invoice.invoice_id: invoice.open_minor for invoice in free}
    if command.use_credits:
        credits = store.open_credits(session, [command.customer_id])
        # The objects are this read's own: what is put on them here is written nowhere.
        share_credits(credits, free, being_paid=())
    open_minor = sum(invoice.open_minor for invoice in free)
    amount_minor = open_minor if command.amount_minor is None else command.amount_minor
    paid = {share.target.invoice_id: share.amount_minor for share in spread(amount_minor, free)}
    excess_minor = amount_minor - sum(paid.values())
    rows = [_previewed(invoice, open_before, paid, moment) for invoice in free]
    return AllocationPreview(
        customer_id=command.customer_id,
        currency=rules.currency,
        amount_minor=amount_minor,
        credits_minor=sum(open_before.values()) - open_minor,
        open_minor=open_minor,
        invoices=rows[:MOST_LISTED],
        excess_minor=excess_minor,
        excess_applied_minor=_applied_on(session, command, excess_minor, rules),
        as_of=moment.today,
        further_invoices=sum(1 for row in rows[MOST_LISTED:] if row.paid_minor or row.credits_minor),
        further_paid_minor=sum(row.paid_minor for row in rows[MOST_LISTED:]),
        held=[invoice.number for invoice in payable if invoice.invoice_id in meant.being_paid][:MOST_LISTED],
        objection=_objection(command, payable, meant.being_paid, amount_minor, rules, moment),
    )


def _previewed(invoice: Invoice, open_before: dict[str, int], paid: dict[str, int], moment: Moment) -> PreviewedInvoice:
    paid_minor = paid.get(invoice.invoice_id, 0)
    open_minor = open_before[invoice.invoice_id]
    return PreviewedInvoice(
        invoice_id=invoice.invoice_id,
        number=invoice.number,
        due_on=invoice.due_on,
        past_due=invoice.due_on < moment.today,
        open_minor=open_minor,
        credits_minor=open_minor - invoice.open_minor,
        paid_minor=paid_minor,
        left_minor=invoice.open_minor - paid_minor,
    )


def _applied_on(session: Session, command: PreviewAllocation, excess_minor: int, rules: OwnerRules) -> int:
    """What auto-apply would make of the excess, a credit by then, on invoices that were not chosen."""
    if not (excess_minor and rules.auto_apply_credits and command.invoice_ids is not None):
        return 0
    owed = store.open_invoices(session, [command.customer_id])
    spared = {*command.invoice_ids, *owed.being_paid}
    elsewhere_minor = sum(invoice.open_minor for invoice in owed.invoices if invoice.invoice_id not in spared)
    return min(excess_minor, elsewhere_minor)


def _objection(
    command: PreviewAllocation,
    payable: Sequence[Invoice],
    being_paid: set[str],
    amount_minor: int,
    rules: OwnerRules,
    moment: Moment,
) -> Objection | None:
    if not amount_minor:
        return None
    if amount_minor < command.least_charge_minor:
        return Objection(
            code=codes.AMOUNT_TOO_SMALL,
            message="This is less than a card can be charged.",
            minimum_minor=command.least_charge_minor,
        )
    try:
        # The hold itself decides, as it will when the payment is made.
        place_hold(
            payment_id="preview",
            customer_id=command.customer_id,
            amount_minor=amount_minor,
            chosen=payable,
            being_paid=being_paid,
            allow_overpayment=True,
            allow_partial=True,
            least_rest_minor=command.least_charge_minor,
            everything=command.invoice_ids is None,
            rules=rules,
            at=moment.now,
        )
    except Refused as refused:
        least_minor = refused.details.get("minimum_minor", refused.details.get("open_minor"))
        return Objection(
            code=refused.code,
            message=refused.message,
            minimum_minor=least_minor,
            most_minor=refused.details.get("most_minor"),
        )
    return None
