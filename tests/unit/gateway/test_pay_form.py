"""Reading a pay form that comes back from a browser, or from somebody who writes such requests by hand."""

import pytest
from werkzeug.datastructures import MultiDict

from gateway.choice import MalformedForm
from gateway.pay_form import PayForm

FORM = {
    "key": "key-1",
    "account": "customer-1",
    "amount_minor": "8450",
    "currency": "USD",
    "card": "card-1",
    "everything": "1",
}


def test_the_largest_amount_is_read_to_the_cent():
    assert PayForm.read(MultiDict(FORM | {"amount_minor": "9" * 11})).amount_minor == 99_999_999_999


@pytest.mark.parametrize("amount", ["", "0", "000", "9" * 12, "9" * 5000, "-1", "1e3", "٨٤٥٠"])
def test_what_is_no_amount_is_malformed_however_long_it_is(amount):
    with pytest.raises(MalformedForm):
        PayForm.read(MultiDict(FORM | {"amount_minor": amount}))
