"""Which declines are tried again."""

import pytest

from services.payments.domain.decline_kinds import kind_of
from services.payments.domain.declines import _WORDS


@pytest.mark.parametrize(
    ("reason", "code", "kind"),
    [
        ("card_declined", "insufficient_funds", "soft"),
        ("card_declined", "generic_decline", "soft"),
        ("card_declined", "do_not_honor", "soft"),
        ("processing_error", None, "soft"),
        ("card_declined", "something_new_of_stripe", "soft"),
        ("AuthenticationError", None, "soft"),
        (None, None, "soft"),
        ("card_declined", "stolen_card", "hard"),
        ("card_declined", "do_not_try_again", "hard"),
        ("expired_card", None, "hard"),
        ("expired_card", "expired_card", "hard"),
        ("resource_missing", None, "hard"),
        ("authentication_required", "authentication_required", "authenticate"),
        ("authentication_required", None, "authenticate"),
        ("card_declined", "authentication_required", "authenticate"),
    ],
)
def test_what_a_decline_means_for_the_next_try(reason, code, kind):
    assert kind_of(reason, code) == kind


def test_a_card_that_was_reported_lost_or_revoked_is_never_tried_again():
    never = {"lost_card", "stolen_card", "pickup_card", "fraudulent", "revocation_of_authorization",
             "revocation_of_all_authorizations", "stop_payment_order", "do_not_try_again"}  # fmt: skip

    assert never <= set(_WORDS)
    assert {kind_of("card_declined", code) for code in never} == {"hard"}
