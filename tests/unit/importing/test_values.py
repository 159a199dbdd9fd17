"""Cells as dates and amounts: exact, or refused with a sentence."""

from datetime import date

import pytest

from porchlight.importing.values import read_amount_minor, read_date


def amount(text: str, *, currency: str = "USD", locale: str = "en_US") -> int:
    return read_amount_minor(text, currency=currency, locale=locale, field="total")


@pytest.mark.parametrize(
    ("text", "minor"),
    [("94", 9400), ("65.88", 6588), ("68.8", 6880), ("0.99", 99), ("$1,234,567.89", 123_456_789), ("USD 5", 500)],
)
def test_amounts_are_exact(text, minor):
    assert amount(text) == minor


def test_amounts_follow_locale_and_currency():
    assert amount("1.234,50", currency="EUR", locale="de_DE") == 123_450
    assert amount("1234", currency="JPY") == 1234


@pytest.mark.parametrize("text", ["-5", "0", "", "abc", "1.005", "NaN", "Infinity", "1e5000", "99999999999", "1,2,3"])
def test_what_is_no_amount_is_refused_and_never_rounded(text):
    with pytest.raises(ValueError, match="total"):
        amount(text)


def test_a_fraction_of_a_yen_is_refused():
    with pytest.raises(ValueError, match="fraction that JPY does not have"):
        amount("12.5", currency="JPY")


def test_dates_follow_the_format_that_was_named():
    assert read_date("7/3/2013", date_format="%m/%d/%Y", field="issued_on") == date(2013, 7, 3)
    assert read_date("3.7.2013", date_format="%d.%m.%Y", field="issued_on") == date(2013, 7, 3)


@pytest.mark.parametrize("text", ["2/30/2013", "2013-07-03", "", "1/1/0013", "1/1/9999"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="issued_on"):
        read_date(text, date_format="%m/%d/%Y", field="issued_on")


def test_a_wrong_amount_shows_how_one_is_written_here():
    with pytest.raises(ValueError, match=r"'50,00' is not an amount as en_US writes it, such as 1,234\.50"):
        amount("50,00")
    with pytest.raises(ValueError, match=r"'50\.0\.0' is not an amount as de_DE writes it, such as 1\.234,50"):
        amount("50.0.0", locale="de_DE")


def test_a_wrong_date_names_the_option_that_says_how_dates_are_written():
    with pytest.raises(ValueError, match=r"'31/02/2026' is not a date written as %d/%m/%Y \(--date-format"):
        read_date("31/02/2026", date_format="%d/%m/%Y", field="issued_on")
