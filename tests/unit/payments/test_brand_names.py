"""What a card's brand is called, on every page and paper."""

import pytest

from contracts.payments import brand_name


@pytest.mark.parametrize(
    ("brand", "name"),
    [
        ("visa", "Visa"),
        ("amex", "American Express"),
        ("diners", "Diners Club"),
        ("jcb", "JCB"),
        ("unionpay", "UnionPay"),
        ("unknown", "Card"),
        (None, "Card"),
        ("", "Card"),
        ("a_brand_of_tomorrow", "A Brand Of Tomorrow"),
    ],
)
def test_a_brand_is_written_as_people_know_it(brand, name):
    assert brand_name(brand) == name
