"""The smallest and largest amounts that Stripe charges, in minor units.

Source: Stripe's documentation, "Supported currencies", minimum and maximum charge amounts. Only currencies whose
minor unit is the same for Stripe and ISO 4217 are here (Stripe counts ISK and UGX in hundredths).
"""

from contracts import codes
from contracts.wire import Refused

MAXIMUM_CHARGE_MINOR = 99_999_999
"""Eight digits, in every currency of the table."""

MAXIMUM_RECORDED_MINOR = 1_000_000_000_000
"""What can be recorded by hand: beyond any invoice, so that a slip of the keyboard is noticed."""

_MINIMUM_CHARGE_MINOR = {
    "AED": 200,
    "AUD": 50,
    "BGN": 100,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}


def minimum_charge_minor(currency: str) -> int:
    """Return the smallest amount that can be charged. Raises ValueError for a currency without a known minimum."""
    try:
        return _MINIMUM_CHARGE_MINOR[currency]
    except KeyError:
        known = ", ".join(_MINIMUM_CHARGE_MINOR)
        raise ValueError(f"card payments are possible in {known}; not in {currency}") from None


def chargeable_currency(value: str) -> None:
    """Raise ValueError unless cards can be charged in this currency (a check for settings)."""
    minimum_charge_minor(value)


def check_chargeable(amount_minor: int, currency: str) -> None:
    """Refuse an amount that the provider would refuse: `amount_too_small` or `invalid`."""
    minimum = minimum_charge_minor(currency)
    if amount_minor <= 0:
        raise Refused(codes.INVALID, "The amount must be more than zero.", field="amount_minor")
    if amount_minor < minimum:
        raise Refused(
            codes.AMOUNT_TOO_SMALL,
            "This amount is below the smallest that can be paid by card.",
            minimum_minor=minimum,
        )
    if amount_minor > MAXIMUM_CHARGE_MINOR:
        raise Refused(
            codes.INVALID,
            "This amount is above the largest that can be paid by card at once.",
            field="amount_minor",
            maximum_minor=MAXIMUM_CHARGE_MINOR,
        )
