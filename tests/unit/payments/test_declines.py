import re

import pytest

from services.payments.domain.declines import decline

# Stripe's documentation, "Decline codes", as of 2026.
STRIPES_CODES = [
    "authentication_not_handled", "authentication_required", "approve_with_id", "call_issuer", "card_not_supported",
    "card_velocity_exceeded", "currency_not_supported", "do_not_honor", "do_not_try_again", "duplicate_transaction",
    "expired_card", "fraudulent", "generic_decline", "incorrect_address", "incorrect_cvc", "incorrect_number",
    "incorrect_pin", "incorrect_zip", "insufficient_funds", "invalid_account", "invalid_amount", "invalid_cvc",
    "invalid_expiry_month", "invalid_expiry_year", "invalid_number", "invalid_pin", "issuer_not_available",
    "lost_card", "merchant_blacklist", "mobile_device_authentication_required", "new_account_information_available",
    "no_action_taken", "not_permitted", "offline_pin_required", "online_or_offline_pin_required", "pickup_card",
    "pin_try_exceeded", "processing_error", "reenter_transaction", "restricted_card",
    "revocation_of_all_authorizations", "revocation_of_authorization", "security_violation", "service_not_allowed",
    "stolen_card", "stop_payment_order", "testmode_decline", "transaction_not_allowed", "try_again_later",
    "withdrawal_count_limit_exceeded",
]  # fmt: skip
TELLS_A_THIEF_NOTHING = [
    "fraudulent",
    "lost_card",
    "merchant_blacklist",
    "pickup_card",
    "restricted_card",
    "stolen_card",
]
OTHERWISE = decline("something_new", "never_heard_of")


@pytest.mark.parametrize("code", STRIPES_CODES)
def test_each_decline_code_of_stripe_has_words_and_a_next_step_of_its_own(code):
    told = decline("card_declined", code)

    assert (told.code, told.decline_code) == ("card_declined", code)
    assert told.message.endswith("Nothing was charged.")
    assert told.next_step.endswith(".")
    assert (told.message, told.next_step) != (OTHERWISE.message, OTHERWISE.next_step)
    assert not re.search(r"[a-z]_[a-z]", told.message + told.next_step), "codes are for programs"


@pytest.mark.parametrize("code", TELLS_A_THIEF_NOTHING)
def test_what_would_help_a_thief_is_told_like_a_decline_without_a_reason(code):
    generic = decline("card_declined", "generic_decline")

    told = decline("card_declined", code)

    assert (told.message, told.next_step) == (generic.message, generic.next_step)


def test_without_a_decline_code_the_error_code_speaks():
    assert "expired" in decline("expired_card", None).message


def test_a_code_that_stripe_invents_tomorrow_gets_words_that_fit_any():
    assert OTHERWISE.message == "The card could not be charged. Nothing was charged."
    assert OTHERWISE.next_step
