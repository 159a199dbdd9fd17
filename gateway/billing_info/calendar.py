"""The calendar of coming charges: one is skipped, charged after all, or moved to another day."""

from collections.abc import Callable
from datetime import date

from flask import abort, flash, request
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.payments import AutoPayView, MoveCharge, OptInvoiceIn, SkipCharge, UnskipCharge
from contracts.wire import Command, Refused
from gateway.billing_info.auto_pay import back, whence
from gateway.billing_info.blueprint import AUTO_PAY, pages
from gateway.composition import ask, confirmed_visitor
from gateway.rpc import COMMAND_TIMEOUT_S

_SAID = {
    "skip": "This charge is skipped. The invoice stays open, to be paid by hand.",
    "undo": "The charge is back in the calendar.",
    "charge": "Auto-pay charges this invoice too now.",
    "move": "The charge is moved.",
}


@pages.post("/auto-pay/charges/<invoice_id>/<action>")
def change_charge(invoice_id: str, action: str) -> ResponseReturnValue:
    """Do as the button said, and show the calendar."""
    make = _COMMANDS.get(action)
    if make is None:
        abort(404)
    who = confirmed_visitor()
    command = make(who.customer_id, invoice_id)
    if command is None:
        flash("Choose a day. Nothing was changed.", AUTO_PAY)
        return back()
    try:
        ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code not in (codes.WRONG_STATE, codes.INVALID):
            raise
        flash(refused.message, AUTO_PAY)
    else:
        flash(_SAID[action], AUTO_PAY)
    return back()


def _moved(customer_id: str, invoice_id: str) -> MoveCharge | None:
    try:
        charge_on = date.fromisoformat(request.form.get("charge_on", ""))
    except ValueError:
        return None
    return MoveCharge(customer_id=customer_id, invoice_id=invoice_id, charge_on=charge_on)


_COMMANDS: dict[str, Callable[[str, str], Command[AutoPayView] | None]] = {
    "skip": lambda customer_id, invoice_id: SkipCharge(customer_id=customer_id, invoice_id=invoice_id),
    "undo": lambda customer_id, invoice_id: UnskipCharge(customer_id=customer_id, invoice_id=invoice_id),
    "charge": lambda customer_id, invoice_id: OptInvoiceIn(customer_id=customer_id, invoice_id=invoice_id, **whence()),
    "move": _moved,
}
