"""Holds: invoices that a payment on its way keeps from being paid twice."""

from contracts.wire import Command, View


class HeldInvoice(View):
    """The part of a payment that is meant for one invoice."""

    invoice_id: str
    number: str
    amount_minor: int


class HoldView(View):
    """What billing has set aside for one payment. Σ invoices + `excess_minor` = `amount_minor`."""

    payment_id: str
    amount_minor: int
    invoices: list[HeldInvoice]
    excess_minor: int = 0


class HoldInvoices(Command[HoldView]):
    """Set invoices aside for one payment, so that nothing else can pay them meanwhile.

    `invoice_ids` None means all that is open. `amount_minor` was agreed to by the customer: when it is not what is
    open it is refused with `stale_amount`, unless the customer asked for just that: more with `allow_overpayment`,
    less with `allow_partial`, put on the chosen invoices by due date, issue date, number. A part that leaves less
    than `least_rest_minor`, which no card could pay any more, is refused with `amount_too_small`.
    `already_being_paid` when another payment holds one. The same payment again answers the same hold; a released
    payment id is refused with `wrong_state`.
    """

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    invoice_ids: list[str] | None = None
    allow_overpayment: bool = False
    allow_partial: bool = False
    least_rest_minor: int = 0


class ReleaseHold(Command[HoldView | None]):
    """Give a payment's invoices free again. Unknown ids leave a tombstone that refuses a late hold."""

    payment_id: str
