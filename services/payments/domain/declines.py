"""Why a card was not charged, in words for its holder, and what to do next.

Source: Stripe's documentation, "Decline codes" and "Error codes". As it asks, reasons that would help a thief
(lost, stolen, suspected fraud) are told like a decline without a reason.
"""

from contracts.payments import Decline

_NO_REASON = (
    "Your bank declined the card without giving a reason.",
    "Try another card, or ask your bank to allow the payment and then try again.",
)
_ASK_BANK = (
    "Your bank declined the payment.",
    "Call the number on the back of your card and ask your bank to allow it, or use another card.",
)
_CARD_NOT_FOR_THIS = ("This card cannot be used for this kind of payment.", "Please use another card.")
_OVER_LIMIT = (
    "The payment goes over a limit of your card.",
    "Use another card, pay a smaller amount, or ask your bank to raise the limit.",
)
_TRY_AGAIN = (
    "Something went wrong while your bank was processing the card.",
    "Wait a minute and try again. If it keeps happening, use another card.",
)
_AUTHENTICATE = (
    "Your bank wants you to confirm this payment.",
    "Try again and follow your bank's confirmation step, or use another card.",
)
_WRONG_NUMBER = ("The card number is not correct.", "Check the number and try again.")
_WRONG_CVC = ("The security code is not correct.", "Check the three or four digits on your card and try again.")
_WRONG_EXPIRY = ("The expiration date is not correct.", "Check the month and year on your card and try again.")
_WRONG_PIN = ("Your bank did not accept the PIN.", "Please use another card.")

_WORDS: dict[str, tuple[str, str]] = {
    "authentication_not_handled": _AUTHENTICATE,
    "authentication_required": _AUTHENTICATE,
    "approve_with_id": _ASK_BANK,
    "call_issuer": _ASK_BANK,
    "card_not_supported": _CARD_NOT_FOR_THIS,
    "card_velocity_exceeded": _OVER_LIMIT,
    "currency_not_supported": ("This card does not support the currency of the payment.", "Please use another card."),
    "do_not_honor": _ASK_BANK,
    "do_not_try_again": _NO_REASON,
    "duplicate_transaction": (
        "Your bank saw a payment of the same amount a moment ago.",
        "Look at your payment history before you pay again.",
    ),
    "expired_card": ("The card has expired.", "Please use another card."),
    "fraudulent": _NO_REASON,
    "generic_decline": _NO_REASON,
    "incorrect_address": (
        "The billing address does not match the card.",
        "Check the address that your bank has for you and try again.",
    ),
    "incorrect_cvc": _WRONG_CVC,
    "incorrect_number": _WRONG_NUMBER,
    "incorrect_pin": _WRONG_PIN,
    "incorrect_zip": (
        "The postal code does not match the card.",
        "Enter the postal code that your bank has for you and try again.",
    ),
    "insufficient_funds": (
        "There is not enough money available on the card.",
        "Use another card, or pay a smaller amount.",
    ),
    "invalid_account": (
        "Your bank says the card or its account is not valid.",
        "Use another card, or ask your bank whether the card works.",
    ),
    "invalid_amount": _OVER_LIMIT,
    "invalid_cvc": _WRONG_CVC,
    "invalid_expiry_month": _WRONG_EXPIRY,
    "invalid_expiry_year": _WRONG_EXPIRY,
    "invalid_number": _WRONG_NUMBER,
    "invalid_pin": _WRONG_PIN,
    "issuer_not_available": (
        "Your bank could not be reached.",
        "Wait a few minutes and try again, or use another card.",
    ),
    "lost_card": _NO_REASON,
    "merchant_blacklist": _NO_REASON,
    "mobile_device_authentication_required": _AUTHENTICATE,
    "new_account_information_available": _CARD_NOT_FOR_THIS,
    "no_action_taken": _ASK_BANK,
    "not_permitted": _CARD_NOT_FOR_THIS,
    "offline_pin_required": _CARD_NOT_FOR_THIS,
    "online_or_offline_pin_required": _CARD_NOT_FOR_THIS,
    "pickup_card": _NO_REASON,
    "pin_try_exceeded": _WRONG_PIN,
    "processing_error": _TRY_AGAIN,
    "reenter_transaction": _TRY_AGAIN,
    "restricted_card": _NO_REASON,
    "revocation_of_all_authorizations": _ASK_BANK,
    "revocation_of_authorization": _ASK_BANK,
    "security_violation": _NO_REASON,
    "service_not_allowed": _CARD_NOT_FOR_THIS,
    "stolen_card": _NO_REASON,
    "stop_payment_order": _ASK_BANK,
    "test_mode_live_card": (
        "This portal is in test mode and takes test cards only.",
        "Use one of the payment provider's test cards.",
    ),
    "testmode_decline": (
        "A test card was used where real cards are needed.",
        "Please use a real card.",
    ),
    "transaction_not_allowed": _ASK_BANK,
    "try_again_later": _TRY_AGAIN,
    "withdrawal_count_limit_exceeded": _OVER_LIMIT,
    # Error codes, where there is no decline code.
    "card_declined": _NO_REASON,
    "payment_intent_authentication_failure": (
        "Your bank could not confirm that it is you.",
        "Try again and complete your bank's confirmation step, or use another card.",
    ),
    "setup_intent_authentication_failure": (
        "Your bank could not confirm that it is you.",
        "Try again and complete your bank's confirmation step, or use another card.",
    ),
    "amount_too_small": (
        "This amount is below the smallest that can be paid by card.",
        "Choose a larger amount.",
    ),
    "amount_too_large": (
        "This amount is above the largest that can be paid by card at once.",
        "Choose a smaller amount.",
    ),
}

_OTHERWISE = ("The card could not be charged.", "Please use another card, or try again later.")


def decline(code: str, decline_code: str | None) -> Decline:
    """Put the provider's codes into words. A code that is not in the table gets a sentence that fits any."""
    words = _WORDS.get(decline_code or "") or _WORDS.get(code) or _OTHERWISE
    message, next_step = words
    return Decline(
        code=code,
        decline_code=decline_code,
        message=f"{message} Nothing was charged.",
        next_step=next_step,
    )
