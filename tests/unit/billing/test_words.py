"""What invoices are found by, and what a search means."""

from datetime import UTC, date, datetime

import pytest

from contracts import codes
from contracts.billing import InvoiceLine
from contracts.wire import Refused
from services.billing.domain.invoice import Invoice
from services.billing.domain.words import MOST_WORDS, amount_in, terms_of, words_of, words_of_invoice

DAY = date(2026, 3, 1)


def an_invoice(number: str = "1042", description: str = "", memo: str = "") -> Invoice:
    return Invoice(
        invoice_id="i",
        customer_id="c",
        number=number,
        currency="USD",
        total_minor=100,
        issued_on=DAY,
        due_on=DAY,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        description=description,
        memo=memo,
    )


def a_line(description: str) -> InvoiceLine:
    return InvoiceLine(description=description, unit_price_minor=100, amount_minor=100)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mowing, front & back", ["mowing", "front", "back"]),
        ("MÜLLERS Straße", ["mullers", "strasse"]),
        ("O'Brien's", ["o", "brien", "s"]),
        ("snow_removal", ["snow", "removal"]),
        ("גיזום 12", ["גיזום", "12"]),
        ("—!?", []),
        ("x" * 50, ["x" * 40]),
    ],
)
def test_words_have_no_case_no_accents_and_no_marks(text: str, words: list[str]):
    assert list(words_of(text)) == words


def test_an_invoice_is_found_by_its_number_description_lines_and_memo_each_word_once():
    invoice = an_invoice("INV-000042", "Mowing + 1 more", "Gate code 7")
    words = words_of_invoice(invoice, [a_line("Mowing"), a_line("Hedge")])
    assert words == ["inv", "000042", "42", "mowing", "1", "more", "hedge", "gate", "code", "7"]


def test_of_a_novel_the_first_words_are_kept():
    words = words_of_invoice(an_invoice(memo=" ".join(f"w{at}" for at in range(900))), [])
    assert (len(words), words[0]) == (MOST_WORDS, "1042")


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [
        ("$84.50", 8450),
        ("84.5", 8450),
        ("84", 8400),
        ("84,50", 8450),
        ("1,234.56", 123456),
        ("1.234,56", 123456),
        ("$1,234", 123400),
        ("1'234.50", 123450),
        ("USD84.50", 8450),
        ("84.50usd", 8450),
        ("-$84.50", 8450),
        ("0.99", 99),
        ("84.505", 8450500),
        ("84.5055", None),
        ("1,23,4", None),
        ("0", None),
        ("mowing", None),
        ("9" * 60, None),
        ("8e5", None),
        ("٣٤", 3400),
    ],
)
def test_an_amount_is_read_as_people_type_it(text: str, amount_minor: int | None):
    assert amount_in(text, currency="USD") == amount_minor


@pytest.mark.parametrize(("currency", "text", "amount_minor"), [("JPY", "1,234", 1234), ("JPY", "12.5", None)])
def test_an_amount_has_the_fraction_of_its_currency(currency: str, text: str, amount_minor: int | None):
    assert amount_in(text, currency=currency) == amount_minor


def test_every_part_of_a_search_is_a_term_and_may_be_an_amount_too():
    number, word = terms_of(" 1042  Héd ", currency="USD")
    assert (number.words, number.amount_minor) == (("1042",), 104200)
    assert (word.words, word.amount_minor) == (("hed",), None)
    assert terms_of("$ - !", currency="USD") == []


def test_a_search_of_a_novel_is_refused():
    with pytest.raises(Refused) as refused:
        terms_of("x" * 101, currency="USD")
    assert (refused.value.code, refused.value.details["field"]) == (codes.INVALID, "search")
