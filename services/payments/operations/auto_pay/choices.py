"""What a customer decides about a single charge: not this one, on another day, or after all."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from contracts import codes
from contracts.payments import AutoPayView, MoveCharge, OptInvoiceIn, SkipCharge, UnskipCharge
from contracts.wire import Refused
from services.payments.auto_pay_models import AutoPayAccount, Charge, Invoice
from services.payments.auto_pay_queries import auto_pay_view
from services.payments.domain import charge_dates, charge_states
from services.payments.domain.present import Present
from services.payments.domain.requests import check_customer
from services.payments.models import SavedCard
from services.payments.operations.auto_pay import accounts, charges, consents, going_on
from services.payments.operations.tools import Tools

AnyChoice = SkipCharge | UnskipCharge | MoveCharge | OptInvoiceIn
Chosen = Callable[[Session, AutoPayAccount, Charge, Invoice, Present], None]


def skip(tools: Tools, command: SkipCharge) -> AutoPayView:
    """Leave the invoice to be paid by hand."""

    def chosen(session: Session, account: AutoPayAccount, charge: Charge, invoice: Invoice, present: Present) -> None:
        if charge.state == "skipped":
            return
        if account.state == "off" or charge.state not in charge_states.SKIPPABLE:
            raise _wrong_state(charge)
        # Its day stays, for who thinks better of it.
        charge_on = charge.charge_on
        charges.rest(charge, "skipped")
        charge.charge_on = charge_on

    return _choose(tools, command, chosen)


def unskip(tools: Tools, command: UnskipCharge) -> AutoPayView:
    """Charge a skipped invoice after all."""

    def chosen(session: Session, account: AutoPayAccount, charge: Charge, invoice: Invoice, present: Present) -> None:
        accounts.check_on(account)
        if charge.state in charge_states.TRIED:
            return
        if charge.state != "skipped":
            raise _wrong_state(charge)
        if charge.charge_on is not None and present.rules.instant(charge.charge_on) > present.now:
            charges.schedule(session, charge, charge_on=charge.charge_on, rules=present.rules)
        else:
            going_on.ask_again(session, charge, invoice, present)

    return _choose(tools, command, chosen)


def move(tools: Tools, command: MoveCharge) -> AutoPayView:
    """Charge the invoice on another day."""

    def chosen(session: Session, account: AutoPayAccount, charge: Charge, invoice: Invoice, present: Present) -> None:
        accounts.check_on(account)
        if charge.state != "scheduled":
            raise _wrong_state(charge)
        due_on = invoice.due_on or present.today
        if not charge_dates.can_move_to(command.charge_on, due_on=due_on, today=present.today):
            days = charge_dates.MOST_DAYS_LATER
            message = f"Choose a day from tomorrow until {days} days after the invoice is due."
            raise Refused(codes.INVALID, message, field="charge_on")
        if command.charge_on != charge.charge_on:
            charges.schedule(session, charge, charge_on=command.charge_on, rules=present.rules)

    return _choose(tools, command, chosen)


def opt_in(tools: Tools, command: OptInvoiceIn) -> AutoPayView:
    """Charge an invoice that auto-pay would not charge by itself."""

    def chosen(session: Session, account: AutoPayAccount, charge: Charge, invoice: Invoice, present: Present) -> None:
        accounts.check_on(account)
        if charge.state in charge_states.TRIED:
            return
        if charge.state not in charge_states.RESTING:
            raise _wrong_state(charge)
        charge.is_above_maximum_agreed = charge.state == "above_maximum"
        going_on.ask_again(session, charge, invoice, present)
        card = None if account.card_id is None else session.get(SavedCard, account.card_id)
        consents.keep_again(
            session,
            account,
            command,
            "invoice_opted_in",
            card=card,
            now=present.now,
            invoice_id=charge.invoice_id,
        )

    return _choose(tools, command, chosen)


def _choose(tools: Tools, command: AnyChoice, chosen: Chosen) -> AutoPayView:
    check_customer(command.customer_id)
    with tools.database.transaction() as session:
        account = accounts.locked(session, command.customer_id)
        present = tools.present(session)
        invoice = session.get(Invoice, command.invoice_id)
        charge = session.get(Charge, command.invoice_id, with_for_update=True)
        if invoice is None or charge is None or charge.customer_id != command.customer_id or not invoice.known:
            raise Refused(codes.NOT_FOUND, "There is no such invoice.", field="invoice_id")
        if invoice.voided:
            raise Refused(codes.NOT_FOUND, "There is no such invoice.", field="invoice_id")
        chosen(session, account, charge, invoice, present)
        return auto_pay_view(session, account.customer_id, present)


def _wrong_state(charge: Charge) -> Refused:
    sentences = {
        "charging": "This invoice is being paid at this moment.",
        "paid": "This invoice is paid.",
        "settled": "This invoice is paid.",
    }
    message = sentences.get(charge.state, "Auto-pay does not charge this invoice by itself.")
    return Refused(codes.WRONG_STATE, message, state=charge.state)
