"""What a customer agrees to who turns auto-pay on. The words are kept with the consent, exactly as they were shown."""

from contracts.payments import AutoPayView, CardView, brand_name

VERSION = "2026-11-28"
"""Of the words below. Change it with them: a form that shows older words is shown anew before it is taken."""


def text_for(business_name: str, card: CardView, auto_pay: AutoPayView) -> str:
    """The sentences beside the box. Amounts and choices are those that the same form shows."""
    when = "on the day it is due" if auto_pay.invoices_charged == "due" else "when it is sent"
    return (
        f"I agree that {business_name} may charge this card, {brand_name(card.brand)} ending in {card.last4}, for each "
        f"invoice it sends me from now on, {when}, and for what is open now if I chose that above: never more than "
        "what is open on the invoice, and nothing above the maximum if I set one. I am told by e-mail before each "
        "charge and after it. I can skip a charge, change the card or turn auto-pay off here at any time."
    )
