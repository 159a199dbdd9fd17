"""What customers do with a payment that is on its way: finish the bank's authentication, or give up."""

from contracts import codes
from contracts.payments import CancelPayment, ContinuePayment, PaymentView
from contracts.wire import Refused
from services.payments.domain import states
from services.payments.models import Payment
from services.payments.operations import lease, settle
from services.payments.operations.tools import Tools
from services.payments.views import payment_view


def continue_payment(tools: Tools, command: ContinuePayment) -> PaymentView:
    """Ask the provider how the payment stands, finish it if that can be, and answer."""
    payment = _own(tools, command.payment_id, command.customer_id)
    if payment.state in states.SETTLED or payment.state == "created":
        return payment_view(payment)
    return settle.look_again(tools, payment)


def cancel_payment(tools: Tools, command: CancelPayment) -> PaymentView:
    """Cancel a payment that waits for the customer, at the provider first. Refused `wrong_state` in others.

    If the customer was faster elsewhere, the answer says that it succeeded.
    """
    payment = _own(tools, command.payment_id, command.customer_id)
    if payment.state in states.SETTLED:
        return payment_view(payment)
    if payment.state != "requires_action":
        raise Refused(codes.WRONG_STATE, "This payment is on its way and cannot be cancelled any more.")
    return settle.look_again(tools, payment, give_up=True)


def _own(tools: Tools, payment_id: str, customer_id: str) -> Payment:
    payment = lease.load(tools.database, payment_id)
    if payment.customer_id != customer_id or payment.refusal is not None:
        raise Refused(codes.NOT_FOUND, "This payment does not exist.")
    return payment
