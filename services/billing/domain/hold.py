"""A hold: invoices set aside for one payment, so that nothing else can pay them meanwhile."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts import codes
from contracts.wire import Refused
from services.billing.domain.allocation import oldest_due_first, spread
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import OwnerRules

HoldState = Literal["held", "released", "settled"]
"""`released`: the payment came to nothing; `settled`: its money arrived. Both are final for holding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldPart:
    """What a payment is meant to put on one invoice; 0 where it does not reach but sets the invoice aside."""

    invoice_id: str
    number: str
    amount_minor: int


@dataclass(kw_only=True, slots=True)
class Hold:
    """What is known of one payment before its money arrives.

    Without a customer it is a tombstone: a release that came before the hold it was for.
    """

    payment_id: str
    customer_id: str | None
    state: HoldState
    amount_minor: int
    created_at: datetime
    ended_at: datetime | None = None
    parts: tuple[HeldPart, ...] = ()

    @property
    def excess_minor(self) -> int:
        """What is more than its invoices take, and becomes a credit."""
        return self.amount_minor - sum(part.amount_minor for part in self.parts)

    def release(self, at: datetime) -> None:
        """Give the invoices free. Only a hold in force can be released."""
        self._end("released", at)

    def settle(self, at: datetime) -> None:
        """Give the invoices free because the money has arrived; even a released payment can still succeed."""
        self._end("settled", at)

    def _end(self, state: HoldState, at: datetime) -> None:
        if self.state == "settled" or (self.state == "released" and state == "released"):
            raise ValueError(f"the hold of payment {self.payment_id} is {self.state} already")
        self.state = state
        self.ended_at = at


def place_hold(
    *,
    payment_id: str,
    customer_id: str,
    amount_minor: int,
    chosen: Sequence[Invoice],
    being_paid: Collection[str],
    allow_overpayment: bool,
    allow_partial: bool,
    least_rest_minor: int,
    everything: bool,
    rules: OwnerRules,
    at: datetime,
) -> Hold:
    """Set `chosen` aside for a payment, or refuse.

    The amount is what the customer agreed to while looking at what was open then. Unless the customer asked for
    more or for less (`allow_overpayment`, `allow_partial`), any other sum that is open now is refused in either
    direction: the money would go to other invoices than those the customer looked at.
    `being_paid` are ids of invoices that another payment holds. `everything` says that the customer chose all
    that is open rather than single invoices; those being paid are then left out, as they were from the amount on
    the button. All of `chosen` is set aside, also what a partial payment does not reach: a second tab must not pay
    "the same again" on the next invoice.
    """
    open_invoices = [invoice for invoice in chosen if invoice.open_minor]
    taken = [invoice for invoice in open_invoices if invoice.invoice_id in being_paid]
    free = oldest_due_first(invoice for invoice in open_invoices if invoice.invoice_id not in being_paid)
    open_minor = sum(invoice.open_minor for invoice in free)
    if taken and (not everything or amount_minor > open_minor):
        raise Refused(
            codes.ALREADY_BEING_PAID,
            "A payment of these invoices is on its way already. Nothing was charged now.",
            numbers=[invoice.number for invoice in taken[:20]],
        )
    if (amount_minor > open_minor and not allow_overpayment) or (amount_minor < open_minor and not allow_partial):
        raise Refused(codes.STALE_AMOUNT, "The open amount has changed in the meantime.", open_minor=open_minor)
    if amount_minor < open_minor:
        _check_partial(amount_minor, open_minor=open_minor, least_rest_minor=least_rest_minor, rules=rules)
    shares = {share.target.invoice_id: share.amount_minor for share in spread(amount_minor, free)}
    parts = tuple(
        HeldPart(
            invoice_id=invoice.invoice_id,
            number=invoice.number,
            amount_minor=shares.get(invoice.invoice_id, 0),
        )
        for invoice in free
    )
    return Hold(
        payment_id=payment_id,
        customer_id=customer_id,
        state="held",
        amount_minor=amount_minor,
        created_at=at,
        parts=parts,
    )


def _check_partial(amount_minor: int, *, open_minor: int, least_rest_minor: int, rules: OwnerRules) -> None:
    if not rules.allow_partial_payments:
        raise Refused(
            codes.STALE_AMOUNT,
            "Please pay the whole open amount: partial payments are not taken here.",
            open_minor=open_minor,
        )
    if amount_minor < rules.minimum_partial_minor:
        raise Refused(
            codes.AMOUNT_TOO_SMALL,
            "This is less than the smallest partial payment.",
            minimum_minor=min(rules.minimum_partial_minor, open_minor),
        )
    if open_minor - amount_minor < least_rest_minor:
        raise Refused(
            codes.AMOUNT_TOO_SMALL,
            "What would be left is too small for a card. Please pay all of it, or leave more.",
            minimum_minor=open_minor,
            most_minor=open_minor - least_rest_minor,
        )
