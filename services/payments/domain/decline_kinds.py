"""What a decline means for auto-pay: whether the same card can be tried again.

Source: Stripe's documentation, "Decline codes" and "Error codes". `hard`: the card will not be charged any more, or not
in this way. `authenticate`: its holder must confirm. All else is `soft`: it may well work another day.
"""

from contracts.payments import DeclineKind

_AUTHENTICATE = frozenset(
    {
        "approve_with_id",
        "authentication_not_handled",
        "authentication_required",
        "mobile_device_authentication_required",
        "offline_pin_required",
        "online_or_offline_pin_required",
        "payment_intent_authentication_failure",
    }
)
_HARD = frozenset(
    {
        "card_not_supported",
        "currency_not_supported",
        "do_not_try_again",
        "expired_card",
        "fraudulent",
        "incorrect_address",
        "incorrect_cvc",
        "incorrect_number",
        "incorrect_pin",
        "incorrect_zip",
        "invalid_account",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "invalid_number",
        "invalid_pin",
        "lost_card",
        "merchant_blacklist",
        "new_account_information_available",
        "not_permitted",
        "payment_method_customer_decline",
        "payment_method_invalid",
        "payment_method_unactivated",
        "payment_method_unexpected_state",
        "pickup_card",
        "pin_try_exceeded",
        "resource_missing",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "service_not_allowed",
        "stolen_card",
        "stop_payment_order",
        "test_mode_live_card",
        "testmode_decline",
        "transaction_not_allowed",
    }
)


def kind_of(reason: str | None, decline_code: str | None) -> DeclineKind:
    """The kind of a decline by the provider's codes; the bank's own (`decline_code`) says more than the provider's."""
    for code in (decline_code, reason):
        if code in _AUTHENTICATE:
            return "authenticate"
        if code in _HARD:
            return "hard"
    return "soft"
