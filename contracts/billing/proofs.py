"""What is shown to whoever proves the books: all of it, once, in pages of ids."""

from contracts.wire import Command, View


class OpenAmount(View):
    """What is open on one invoice, above zero."""

    invoice_id: str
    number: str
    customer_id: str
    open_minor: int


class OpenAmountsPage(View):
    """Some open amounts by invoice id; `next_after` leads to the next ones."""

    amounts: list[OpenAmount]
    next_after: str | None = None


class OpenCredits(View):
    """What is left of one customer's credits together, above zero."""

    customer_id: str
    open_minor: int


class OpenCreditsPage(View):
    """Some customers' open credits by customer id; `next_after` leads to the next ones."""

    credits: list[OpenCredits]
    next_after: str | None = None


class AllocatedPayment(View):
    """A payment that billing has dealt with: `placed_minor` is on invoices, or was, or became a credit."""

    payment_id: str
    customer_id: str
    amount_minor: int
    placed_minor: int


class AllocatedPaymentsPage(View):
    """Some payments by id; `next_after` leads to the next ones."""

    payments: list[AllocatedPayment]
    next_after: str | None = None


class ListOpenAmounts(Command[OpenAmountsPage]):
    """For proofs: the open amount of every invoice that is owed, by invoice id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500


class ListOpenCredits(Command[OpenCreditsPage]):
    """For proofs: what is left of each customer's credits, by customer id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500


class ListAllocatedPayments(Command[AllocatedPaymentsPage]):
    """For proofs: every payment that billing has dealt with, by payment id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500
