import pytest

from contracts import codes
from contracts.wire import Refused
from services.payments.domain.minimums import chargeable_currency, check_chargeable, minimum_charge_minor


@pytest.mark.parametrize(
    ("currency", "minimum_minor"), [("USD", 50), ("EUR", 50), ("GBP", 30), ("JPY", 50), ("HUF", 17_500), ("CZK", 1_500)]
)
def test_the_minimum_is_stripes_for_the_currency(currency, minimum_minor):
    assert minimum_charge_minor(currency) == minimum_minor
    check_chargeable(minimum_minor, currency)
    with pytest.raises(Refused) as refusal:
        check_chargeable(minimum_minor - 1, currency)
    assert refusal.value.code == codes.AMOUNT_TOO_SMALL
    assert refusal.value.details == {"minimum_minor": minimum_minor}


def test_a_currency_without_a_known_minimum_is_named_at_start():
    with pytest.raises(ValueError, match="not in XTS"):
        chargeable_currency("XTS")


def test_eight_digits_are_the_most():
    check_chargeable(99_999_999, "USD")
    with pytest.raises(Refused) as refusal:
        check_chargeable(100_000_000, "USD")
    assert refusal.value.code == codes.INVALID
