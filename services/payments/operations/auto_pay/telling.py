"""Telling the customer before a charge: the amount, the day and the card; or that the invoice is above the maximum."""

from sqlalchemy.orm import Session

from contracts.payments import AutoPayChargeSkipped, AutoPayChargeUpcoming
from services.payments.auto_pay_models import AutoPayAccount, Charge, Invoice
from services.payments.domain.minimums import MAXIMUM_CHARGE_MINOR
from services.payments.domain.present import Present
from services.payments.operations.auto_pay import accounts, charges, paying_card


def tell_upcoming(
    session: Session, account: AutoPayAccount, charge: Charge, invoice: Invoice, present: Present
) -> None:
    """The time for the notice has come: what it says is the most that will be charged. The account is locked and on."""
    amount_minor = invoice.open_minor
    if is_above_maximum(charge, account, amount_minor):
        tell_above_maximum(session, account, charge, invoice, present, amount_minor=amount_minor)
        return
    charge.told_minor, charge.told_at, charge.look_at = amount_minor, present.now, charge.charge_at
    card = paying_card.of_account(session, account)
    if card is None or charge.charge_on is None:
        return
    upcoming = AutoPayChargeUpcoming(
        customer_id=account.customer_id,
        invoice_id=invoice.invoice_id,
        invoice_number=invoice.number,
        currency=present.currency,
        amount_minor=amount_minor,
        due_on=invoice.due_on or charge.charge_on,
        charge_on=charge.charge_on,
        card=paying_card.in_event(card),
    )
    accounts.record(session, account, upcoming)


def is_above_maximum(charge: Charge, account: AutoPayAccount, amount_minor: int) -> bool:
    """Whether it is more than a card can be charged, or than the customer wants, unless asked about this invoice."""
    if amount_minor > MAXIMUM_CHARGE_MINOR:
        return True
    return not charge.is_above_maximum_agreed and amount_minor > _maximum_minor(account)


def _maximum_minor(account: AutoPayAccount) -> int:
    return MAXIMUM_CHARGE_MINOR if account.maximum_minor is None else account.maximum_minor


def tell_above_maximum(
    session: Session,
    account: AutoPayAccount,
    charge: Charge,
    invoice: Invoice,
    present: Present,
    *,
    amount_minor: int,
) -> None:
    """The invoice is left to be paid by hand, and the customer is told so."""
    charges.rest(charge, "above_maximum")
    skipped = AutoPayChargeSkipped(
        customer_id=account.customer_id,
        invoice_id=invoice.invoice_id,
        invoice_number=invoice.number,
        currency=present.currency,
        amount_minor=amount_minor,
        due_on=invoice.due_on or present.today,
        maximum_minor=_maximum_minor(account),
    )
    accounts.record(session, account, skipped)
