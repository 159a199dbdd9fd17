"""What left again of a payment, in words: sent back by the business, or taken by the customer's bank."""

from collections.abc import Sequence

from contracts.payments import PaymentView, ReturnView
from gateway.formats import Formats

MEANINGS = {
    ("refund", "returned"): "We sent it back. What it had paid is open again.",
    ("dispute", "returned"): "Your bank has the money. What it had paid is open again.",
    ("refund", "restored"): "It could not be sent back. We have it again, and it counts as paid.",
    ("dispute", "restored"): "The dispute is over. We have the money again, and it counts as paid.",
}


def title(each: ReturnView, currency: str, formats: Formats) -> str:
    """One return as a heading: what happened, how much and when."""
    money, day = formats.money(each.amount_minor, currency), formats.written_day(each.effective_on)
    if each.state == "restored":
        return f"Restored: {money}, {'refunded' if each.kind == 'refund' else 'disputed'} on {day}"
    return f"{'Refunded' if each.kind == 'refund' else 'Disputed:'} {money} on {day}"


def meaning(each: ReturnView) -> str:
    """What a return means for its customer."""
    return MEANINGS[each.kind, each.state]


def gone(payment: PaymentView) -> Sequence[ReturnView]:
    """The returns of a payment that have not come back."""
    return [each for each in payment.returns if each.state == "returned"]


def kept_minor(payment: PaymentView) -> int:
    """What is left of a payment after everything that has left."""
    return payment.amount_minor - sum(each.amount_minor for each in gone(payment))
