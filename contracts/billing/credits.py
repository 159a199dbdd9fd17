"""Credits: money that the business owes a customer."""

from datetime import date
from typing import Literal

from contracts.billing.invoices import AllocationView
from contracts.imports import Origin
from contracts.wire import Command, View

CreditKind = Literal["goodwill", "overpayment", "voided_invoice", "reversed_payment", "restored_payment"]
"""`reversed_payment`: the part of an allocation that stays when only a part of it is sent back. `restored_payment`:
money that had left and came back. Both have the return as source.
"""


class CreditView(View):
    """Money the business owes the customer: `open_minor` of `amount_minor` is not used yet.

    `source_id` is the payment or the voided invoice that it came from; goodwill has none.
    """

    credit_id: str
    customer_id: str
    kind: CreditKind
    currency: str
    amount_minor: int
    open_minor: int
    granted_on: date
    reason: str = ""
    source_id: str | None = None


class CreditUses(View):
    """A credit and where it went: its allocations, oldest first, reversed ones too; `further_uses` are not listed."""

    credit: CreditView
    allocations: list[AllocationView]
    further_uses: int = 0
    # What of it left again with a refund or a dispute, in minor units.
    sent_back_minor: int = 0


class CreditPage(View):
    """A page of credits. `open_minor` is what is left of all the customer's credits, on whichever page they are."""

    credits: list[CreditUses]
    currency: str
    open_minor: int
    as_of: date
    auto_apply_credits: bool = True
    next_cursor: str | None = None
    included: bool = True


class AppliedCredits(View):
    """What became of a wish to use credits. `held` are the numbers of invoices skipped because a payment holds them."""

    customer_id: str
    currency: str
    applied_minor: int
    allocations: list[AllocationView]
    credits_minor: int
    held: list[str] = []


class CreateCredit(Command[CreditView]):
    """Grant a goodwill credit. With auto-apply on it goes to the oldest due invoice at once."""

    key: str
    customer_id: str
    currency: str
    amount_minor: int
    reason: str
    granted_on: date | None = None
    origin: Origin = "portal"


class ListCredits(Command[CreditPage]):
    """A customer's credits, used up ones too, latest granted first."""

    customer_id: str
    cursor: str | None = None
    limit: int = 25
    must_include: list[str] = []


class ApplyCredits(Command[AppliedCredits]):
    """Put a customer's open credits on open invoices by the customer's own wish, once per key.

    `invoice_ids` None means all that is open, oldest due first; `credit_ids` None all open credits, oldest first.
    At most `amount_minor` is used, less where less is open. Invoices that a payment holds are skipped; what is paid
    already or used up takes and gives nothing. `not_found` for ids that are not the customer's.
    """

    key: str
    customer_id: str
    currency: str
    amount_minor: int
    invoice_ids: list[str] | None = None
    credit_ids: list[str] | None = None
