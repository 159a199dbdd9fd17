"""Amounts as Stripe checks and writes them. Source: Stripe's documentation, "Supported currencies"."""

from sandbox.stripe.errors import StripeError

LEAST = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
"""The smallest amount that can be charged, in minor units; the currencies that the stand-in takes."""

SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "cad": "$", "aud": "$", "nzd": "$", "jpy": "¥"}
ZERO_DECIMAL = {"jpy"}
MOST = 99_999_999


def check_currency(currency: str) -> str:
    """The currency in lower case; raises Stripe's error for one that is not taken."""
    lowered = currency.lower()
    if lowered not in LEAST:
        raise StripeError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(LEAST)}",
            param="currency",
        )
    return lowered


def check_chargeable(amount: int, currency: str) -> None:
    """Raises Stripe's error for an amount too small or too large to charge."""
    if amount < LEAST[currency]:
        raise StripeError(
            f"Amount must be at least {written(LEAST[currency], currency)} {currency}",
            code="amount_too_small",
            param="amount",
        )
    if amount > MOST:
        raise StripeError(
            f"Amount must be no more than {written(MOST, currency)}", code="amount_too_large", param="amount"
        )


def written(amount: int, currency: str) -> str:
    """An amount as Stripe's messages show it: $1,234.50."""
    symbol = SYMBOLS.get(currency, "")
    if currency in ZERO_DECIMAL:
        return f"{symbol}{amount:,}"
    return f"{symbol}{amount // 100:,}.{amount % 100:02d}"
