"""The pay form as it is shown: what would be paid now, with which cards, and what the customer must know first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from flask import render_template
from flask.typing import ResponseReturnValue

from chassis.ids import new_id
from contracts import codes
from contracts.billing import AllocationPreview, AmountDue, GetAmountDue, GetInvoice, InvoiceView, PreviewAllocation
from contracts.payments import CardsView, CardView, GetPayment, ListCards, PaymentView
from gateway import offer as offers
from gateway import recent
from gateway.amounts import NotAnAmount, typed_amount_minor
from gateway.bill import Bill, chosen_bill, late_bill
from gateway.choice import ALL, AMOUNT, CHOSEN, PAST_DUE, Choice
from gateway.composition import Panels, ServiceAway, read_page
from gateway.pay_form import NEW_CARD
from gateway.security import allow_card_entry
from gateway.visitor import visitor


@dataclass(frozen=True)
class Notice:
    """What happened, in plain words; the form below it is the next step."""

    title: str
    message: str


_NOTICES = {
    "no_card": Notice(
        "No card was entered",
        "Nothing was charged. Enter a card below or choose a saved one. Entering a card needs JavaScript.",
    ),
    "other_account": Notice(
        "You switched to another account", "Nothing was charged. This is what is open on the account you are in now."
    ),
    "other_choice": Notice(
        "Check the new amount",
        "Nothing was charged. You chose something else than what the button said. Check, then pay.",
    ),
    "no_yes_to_excess": Notice(
        "This is more than is open",
        "Nothing was charged. Tick that the rest may be kept as your credit, or choose a smaller amount.",
    ),
    codes.STALE_AMOUNT: Notice(
        "The amount has changed",
        "Nothing was charged. What you owe changed after this page was opened. Check the new amount, then pay.",
    ),
    codes.KEY_REUSED: Notice(
        "That page was used already",
        "Nothing was charged a second time. This is what is open now; your earlier payment is in the account history.",
    ),
    codes.NOT_FOUND: Notice(
        "Something changed in the meantime",
        "Nothing was charged. An invoice or card you chose is not there any more. This is what is open now.",
    ),
    codes.WRONG_STATE: Notice(
        "Something changed in the meantime", "Nothing was charged. Check what is open now, then pay."
    ),
}


def notice_for(code: str) -> Notice | None:
    """The words for a refusal of a payment."""
    return _NOTICES.get(code)


MOST_TICKS = 50
"""Invoices to tick on the page; the Invoices tab has them all."""


def show_form(
    choice: Choice,
    *,
    notice: Notice | None = None,
    status: int = 200,
    declined: str | None = None,
    agreed_minor: int | None = None,
) -> ResponseReturnValue:
    """The form with a new key. `declined` is the payment that has just failed; `agreed_minor` what was agreed to."""
    panels = _read(visitor().customer_id, declined)
    try:
        due: AmountDue = panels.need("due")
        cards: CardsView = panels.need("cards")
        bill = _bill(due, choice, tolerant=notice is not None)
        catching_up_minor = recent.catching_up_minor(due.customer_id, included=due.included)
        facts: dict[str, Any] = {"bill": bill, "choice": choice, "notice": notice, "agreed_minor": agreed_minor}
        facts["catching_up_minor"] = catching_up_minor
        if not bill.invoices:
            return render_template("pay/nothing.html", **facts), status
        if _is_hopeless(choice, bill, due, cards):
            return render_template("pay/too_small.html", minimum_minor=cards.minimum_minor, **facts), status
        facts |= _offered(choice, bill, cards)
    except ServiceAway:
        # Paying fails closed: without all of it there is no amount to agree to.
        return render_template("pay/unavailable.html"), 503
    allow_card_entry()
    failed = _failed(panels) if declined else None
    usable = [card for card in cards.cards if not expired(card, due.as_of)]
    page = render_template(
        "pay/pay.html",
        cards=cards.cards,
        usable={card.card_id for card in usable},
        selected=_selected(usable, failed),
        declined=failed,
        **_choices(due, choice, bill),
        **facts,
    )
    return page, status


def show_preview(choice: Choice) -> ResponseReturnValue:
    """The parts of the form that depend on the choice, for the page's script to put in place of those it shows."""
    panels = _read(visitor().customer_id, None)
    try:
        due: AmountDue = panels.need("due")
        cards: CardsView = panels.need("cards")
        bill = _bill(due, choice, tolerant=True)
        return render_template("pay/live.html", bill=bill, choice=choice, **_offered(choice, bill, cards))
    except ServiceAway:
        return "", 503


def _bill(due: AmountDue, choice: Choice, *, tolerant: bool) -> Bill:
    """What is meant, in full. Unless `tolerant`, an invoice that is not the customer's is 404."""
    if choice.what == PAST_DUE:
        return late_bill(due)
    bill = chosen_bill(due, choice.invoices)
    if bill.missing:
        bill = chosen_bill(_with_unlisted(due, bill.missing, tolerant=tolerant), choice.invoices)
    return bill


def _offered(choice: Choice, bill: Bill, cards: CardsView) -> dict[str, Any]:
    """What would be paid, with a key of its own. A typed amount that is none has its problem beside its field."""
    facts: dict[str, Any] = {"key": new_id(), "account": visitor().customer_id, "minimum_minor": cards.minimum_minor}
    if choice.is_plain:
        if choice.what == CHOSEN and not choice.invoices:
            return facts | {"offer": offers.nothing(bill), "choice_problem": "Tick at least one invoice."}
        return facts | {"offer": offers.whole(bill, minimum_minor=cards.minimum_minor)}
    try:
        amount_minor = typed_amount_minor(choice.amount) if choice.what == AMOUNT else None
    except NotAnAmount as problem:
        return facts | {"offer": offers.nothing(bill), "amount_problem": str(problem)}
    panels = read_page(
        preview=PreviewAllocation(
            customer_id=visitor().customer_id,
            amount_minor=amount_minor,
            invoice_ids=None if bill.invoice_ids is None else list(bill.invoice_ids),
            use_credits=choice.use_credits,
            least_charge_minor=cards.minimum_minor,
        )
    )
    preview: AllocationPreview = panels.need("preview")
    return facts | {"offer": offers.previewed(bill, preview)}


def _choices(due: AmountDue, choice: Choice, bill: Bill) -> dict[str, Any]:
    """What can be chosen. Invoices that were chosen can be ticked off again, however late they are due."""
    free = [invoice for invoice in due.invoices if invoice.open_minor and not invoice.processing_minor]
    late = [invoice for invoice in free if invoice.past_due]
    listed = free[:MOST_TICKS]
    known = {invoice.invoice_id for invoice in listed}
    others = [each for each in bill.invoices if each.invoice_id in choice.invoices and each.invoice_id not in known]
    return {
        "due": due,
        "late_minor": sum(invoice.open_minor for invoice in late),
        "ticks": [*listed, *others],
        "further_ticks": len(free) - len(listed),
    }


def _is_hopeless(choice: Choice, bill: Bill, due: AmountDue, cards: CardsView) -> bool:
    """Too little for a card, and nothing on the page could change that."""
    whole = choice.is_plain and choice.what in (ALL, CHOSEN)
    return whole and bill.amount_minor < cards.minimum_minor and not due.credits_minor


def expired(card: CardView, as_of: date) -> bool:
    """Whether a card's last month is over; it is good until the end of the month printed on it."""
    return (card.exp_year, card.exp_month) < (as_of.year, as_of.month)


def _read(customer_id: str, declined: str | None) -> Panels:
    due = GetAmountDue(customer_id=customer_id, must_include=recent.ids_of(customer_id))
    cards = ListCards(customer_id=customer_id)
    if declined is None:
        return read_page(due=due, cards=cards)
    return read_page(due=due, cards=cards, declined=GetPayment(customer_id=customer_id, payment_id=declined))


def _with_unlisted(due: AmountDue, missing: Sequence[str], *, tolerant: bool) -> AmountDue:
    """What is due, with those of the `missing` invoices that are open too: more may be open than are listed.

    Unless `tolerant`, one that is not the customer's is refused: paid meanwhile, or never the customer's? Only the
    first may be told (product rule "visible").
    """
    me = due.customer_id
    panels = read_page(
        **{
            f"invoice_{number}": GetInvoice(customer_id=me, invoice_id=invoice_id)
            for number, invoice_id in enumerate(missing)
        }
    )
    read = panels.get if tolerant else panels.need
    found: list[InvoiceView | None] = [read(f"invoice_{number}") for number in range(len(missing))]
    # In the order in which they are paid, behind those that were listed because they are due before.
    open_ones = sorted(
        (invoice.summary for invoice in found if invoice is not None and invoice.summary.open_minor),
        key=lambda invoice: (invoice.due_on, invoice.issued_on, invoice.number),
    )
    return msgspec.structs.replace(due, invoices=[*due.invoices, *open_ones])


def _failed(panels: Panels) -> PaymentView | None:
    payment: PaymentView | None = panels.get("declined")
    return payment if payment is not None and payment.state == "failed" else None


def _selected(usable: Sequence[CardView], failed: PaymentView | None) -> str:
    """The card to offer first: the default, but not the one that has just been declined."""
    others = [card for card in usable if failed is None or card.last4 != failed.card_last4]
    return next((card.card_id for card in sorted(others, key=lambda card: not card.is_default)), NEW_CARD)
