"""Previews: what a payment would do, before anybody agrees to it."""

from datetime import date

from contracts.wire import Command, View


class PreviewedInvoice(View):
    """What one invoice would get. `open_minor` is open now; `left_minor` would stay open after credits and payment."""

    invoice_id: str
    number: str
    due_on: date
    past_due: bool
    open_minor: int
    credits_minor: int
    paid_minor: int
    left_minor: int


class Objection(View):
    """Why such a payment would be refused: a code and a sentence, and the amounts between which it would not be.

    `minimum_minor` and `most_minor` are what the payment must be at least or may be at most, where that is the matter.
    """

    code: str
    message: str
    minimum_minor: int | None = None
    most_minor: int | None = None


class AllocationPreview(View):
    """Where credits and a payment would go now. Nothing is set aside by it.

    Σ invoices' `paid_minor` + `further_paid_minor` + `excess_minor` = `amount_minor`: the excess would become a credit.
    `open_minor` is what a payment could pay of what was chosen, once `credits_minor` of credits are on it. Beyond
    those listed, `further_invoices` get something too. With auto-apply on `excess_applied_minor` of the excess would go
    on to other open invoices at once. `held` are numbers of chosen invoices that a payment holds.
    """

    customer_id: str
    currency: str
    amount_minor: int
    credits_minor: int
    open_minor: int
    invoices: list[PreviewedInvoice]
    excess_minor: int
    excess_applied_minor: int
    as_of: date
    further_invoices: int = 0
    further_paid_minor: int = 0
    held: list[str] = []
    objection: Objection | None = None


class PreviewAllocation(Command[AllocationPreview]):
    """What `ApplyCredits`, with `use_credits`, and a payment of `amount_minor` after it would do, in the same order.

    `invoice_ids` None means all that is open. `amount_minor` None means all that is open after the credits, 0 only the
    credits. `least_charge_minor` is the least that a card can be charged: neither the payment nor what it leaves
    open may be less. `not_found` for ids that are not the customer's.
    """

    customer_id: str
    amount_minor: int | None = None
    invoice_ids: list[str] | None = None
    use_credits: bool = False
    least_charge_minor: int = 0
