"""Stripe's test cards and what each does. Source: Stripe's documentation, "Test card numbers"."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sandbox.stripe.errors import StripeError, card_error

Authentication = Literal["never", "unless_set_up", "on_session_only", "always"]


@dataclass(frozen=True)
class Decline:
    """Why a card is refused."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Card:
    """A test card. `refused` also when it is attached or set up; `declined` only when it is charged; `disputed`
    right afterwards."""

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    refused: Decline | None = None
    declined: Decline | None = None
    authentication: Authentication = "never"
    # Whether the bank takes the money back right after it was paid.
    disputed: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for the same number, as Stripe's is."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]

    def asks(self, *, off_session: bool, set_up: bool) -> bool:
        """Whether a payment needs the holder's authentication."""
        if self.authentication == "unless_set_up":
            return not (off_session and set_up)
        if self.authentication == "on_session_only":
            return not off_session
        return self.authentication == "always"


DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", "generic_decline", DECLINED)
FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
EXPIRED = Decline("expired_card", None, "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error", None, "An error occurred while processing your card. Try again in a little bit."
)

CARDS = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", brand="mastercard"),
    "amex": Card("378282246310005", brand="amex"),
    "discover": Card("6011111111111117", brand="discover"),
    "visa_chargeDeclined": Card("4000000000000002", refused=GENERIC),
    "visa_chargeDeclinedInsufficientFunds": Card("4000000000009995", refused=FUNDS),
    "visa_chargeDeclinedLostCard": Card("4000000000009987", refused=Decline("card_declined", "lost_card", DECLINED)),
    "visa_chargeDeclinedStolenCard": Card(
        "4000000000009979", refused=Decline("card_declined", "stolen_card", DECLINED)
    ),
    "chargeDeclinedExpiredCard": Card("4000000000000069", refused=EXPIRED),
    "chargeDeclinedIncorrectCvc": Card("4000000000000127", refused=WRONG_CVC),
    "chargeDeclinedProcessingError": Card("4000000000000119", refused=PROCESSING),
    "createDispute": Card("4000000000000259", disputed=True),
    "chargeCustomerFail": Card("4000000000000341", declined=GENERIC),
    "authenticationRequiredOnSetup": Card("4000002500003155", authentication="unless_set_up"),
    "authenticationRequired": Card("4000002760003184", authentication="always"),
    "threeDSecure2Required": Card("4000000000003220", authentication="always"),
    "authenticationRequiredSetupForOffSession": Card("4000003800000446", authentication="on_session_only"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "4000008260003178", declined=FUNDS, authentication="always"
    ),
}
BY_NUMBER = {card.number: name for name, card in CARDS.items()}
TOKENS = {f"pm_card_{name}": name for name in CARDS}
"""The ids that stand for a new payment method with a test card, as on Stripe."""


def recognised(number: str) -> str:
    """The name of the test card with this number. Raises Stripe's error for a wrong or a real one."""
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit() or not 12 <= len(digits) <= 19 or not luhn(digits):
        raise card_error("Your card number is incorrect.", code="incorrect_number", param="number")
    name = BY_NUMBER.get(digits)
    if name is None:
        raise card_error(
            "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of "
            "valid test cards, visit: https://stripe.com/docs/testing.",
            code="card_declined",
            decline_code="test_mode_live_card",
            param="number",
        )
    return name


def check_details(card: Card, *, month: int, year: int, cvc: str | None, today: tuple[int, int]) -> None:
    """Raises Stripe's error for an expiry in the past or a security code of the wrong length.

    `today` is (year, month).
    """
    if not 1 <= month <= 12:
        raise card_error("Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month")
    if year < today[0] or year > today[0] + 50:
        raise card_error("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    if (year, month) < today:
        raise card_error("Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month")
    if cvc is not None and not (cvc.isdigit() and len(cvc) == (4 if card.brand == "amex" else 3)):
        raise card_error("Your card's security code is invalid.", code="invalid_cvc", param="cvc")


def raw_number_refused() -> StripeError:
    """What Stripe answers to a card number sent by a server."""
    return StripeError(
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens "
        "that map to the test card you are using, see https://stripe.com/docs/testing. To enable testing raw card "
        "data APIs, see https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.",
        status=402,
    )


def luhn(digits: str) -> bool:
    """Whether the check digit fits (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
