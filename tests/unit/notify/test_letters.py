from datetime import date
from typing import get_args

import pytest
from bs4 import BeautifulSoup

from chassis.ids import new_id
from contracts.billing import InvoiceLine
from contracts.notify import MessageKind
from services.notify.domain.facts.invoices import InvoiceFacts
from services.notify.domain.facts.links import OpenedLink
from services.notify.domain.facts.receipts import AllocationFacts, PaymentFacts, ReceiptFacts
from services.notify.emails.composer import Composer
from services.notify.emails.letter import Letter, Recipient, Sampling
from services.notify.emails.letters import KINDS
from services.notify.emails.letters.invoices import MOST_LINES, invoice_letter
from services.notify.emails.letters.links import reset_letter, sign_up_letter
from services.notify.emails.letters.receipts import receipt_letter
from tests.support.notify_business import composer
from tests.support.notify_events import EXPIRES_AT, allocated, paid, sent
from tests.support.notify_mail import html_of, text_of

TOKEN = "q" * 43


def parts(letter: Letter, own: Composer | None = None, name: str = "Ana Lima") -> tuple[str, str]:
    """A letter's plain text, and its HTML as a reader sees it."""
    message = (own or composer()).compose(
        letter, to=Recipient(name=name, address="ana@example.com"), delivery_id=new_id(), at=EXPIRES_AT
    )
    return text_of(message), BeautifulSoup(html_of(message), "html.parser").get_text(" ", strip=True)


def invoice(own: Composer | None = None, **changes) -> Letter:
    own = own or composer()
    return invoice_letter(InvoiceFacts.of(sent("inv-1", **changes)), own.business, own.formats)


def receipt(own: Composer | None = None, *, credit_minor: int = 1550, **changes) -> Letter:
    own = own or composer()
    facts = ReceiptFacts(
        payment_id="pay-1",
        payment=PaymentFacts.of(paid("pay-1", **changes)),
        allocation=AllocationFacts(allocations=allocated("pay-1").allocations, credit_minor=credit_minor),
    )
    return receipt_letter(facts, own.business, own.formats)


def all_letters(own: Composer) -> list[Letter]:
    sampling = Sampling(currency="USD", now=EXPIRES_AT)
    return [kind.write(kind.sample(sampling), own.business, own.formats) for kind in KINDS.values()]


def link_letters(own: Composer) -> list[Letter]:
    link = OpenedLink(name="Ana Lima", token=TOKEN, expires_at=EXPIRES_AT)
    return [write(link, own.business, own.formats) for write in (sign_up_letter, reset_letter)]


def test_every_kind_of_message_has_a_letter_and_sample_facts():
    assert set(KINDS) == set(get_args(MessageKind))
    sampling = Sampling(currency="USD", now=EXPIRES_AT)
    for kind in KINDS.values():
        sample = kind.sample(sampling)
        assert type(sample) is (OpenedLink if kind.opens_link else kind.facts)
        own = composer()
        assert kind.write(sample, own.business, own.formats).subject == kind.subject(sample, own.business, own.formats)


def test_the_invoice_says_number_amount_due_date_and_lines():
    for words in parts(invoice()):
        for expected in (
            "Ana Lima",
            "Invoice 1042",
            "$84.50",
            "March 31, 2026",
            "Mowing",
            "2 × $40.00",
            "February 27, 2026",
            "$80.00",
            "Edging",
            "$4.50",
            "Thank you for your business.",
        ):
            assert expected in words


def test_the_invoice_leads_to_itself_and_to_paying_it():
    message = composer().compose(
        invoice(), to=Recipient(name="Ana", address="ana@example.com"), delivery_id=new_id(), at=EXPIRES_AT
    )
    links = [str(a["href"]) for a in BeautifulSoup(html_of(message), "html.parser").find_all("a")]
    for link in (
        "https://portal.greenacres.example/pay?invoice=inv-1",
        "https://portal.greenacres.example/invoices/inv-1",
    ):
        assert link in links
        assert link in text_of(message)


def test_a_very_long_invoice_is_cut_and_says_so():
    line = InvoiceLine(description="Mowing", unit_price_minor=100, amount_minor=100)
    for words in parts(invoice(lines=[line] * 1000)):
        assert words.count("Mowing") == MOST_LINES
        assert "960 more lines" in words


def test_the_receipt_says_amount_date_method_invoices_and_what_is_left():
    for words in parts(receipt()):
        for expected in (
            "$100.00",
            "March 5, 2026",
            "Visa ending in 4242",
            "Invoice 1042",
            "$84.50",
            "$15.50",
            "credit",
        ):
            assert expected in words


def test_a_receipt_without_a_remainder_speaks_of_no_credit():
    for words in parts(receipt(credit_minor=0)):
        assert "credit" not in words


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"method": "check", "reference": "Check 2071", "card_brand": None, "card_last4": None}, "Check 2071"),
        ({"method": "cash", "card_brand": None, "card_last4": None}, "Cash"),
        ({"method": "card", "card_brand": None, "card_last4": None}, "Card"),
        ({"method": "card", "card_brand": "amex", "card_last4": "0005"}, "American Express ending in 0005"),
    ],
)
def test_the_receipt_names_every_method(changes, expected):
    for words in parts(receipt(**changes)):
        assert expected in words


def test_the_links_carry_their_secret_and_say_how_long_they_live():
    own = composer()
    for letter in link_letters(own):
        for words in parts(letter, own):
            assert f"https://portal.greenacres.example/set-password/{TOKEN}" in words
            assert "once, until March 1, 2026, 11:00\u202fAM EST" in words


def test_every_letter_ends_with_the_business_and_how_to_reach_it():
    own = composer()
    for letter in all_letters(own):
        for words in parts(letter, own):
            for expected in (
                "Green Acres Lawn",
                "2200 Mill Road",
                "(607) 555-0142",
                "office@greenacres.example",
                "https://greenacres.example",
            ):
                assert expected in words


def test_a_business_without_telephone_address_and_website_leaves_no_gaps():
    own = composer(business_phone="", business_address="", business_website="")
    for letter in all_letters(own):
        text, html = parts(letter, own)
        assert text.endswith(
            "-- \nGreen Acres Lawn\noffice@greenacres.example\nContact Us: https://portal.greenacres.example/contact\n"
        )
        assert "· ·" not in html


def test_nothing_is_fetched_from_anywhere_and_nothing_tracks():
    own = composer()
    for letter in all_letters(own):
        page = BeautifulSoup(own.html(letter, "Ana"), "html.parser")
        assert page.find_all(["img", "script", "link", "iframe", "object", "form", "svg"]) == []
        assert "url(" not in str(page)
        assert "@import" not in str(page)


def test_text_from_outside_is_text_in_html_too():
    line = InvoiceLine(description="<img src=x onerror=alert(1)>", unit_price_minor=1, amount_minor=1)
    own = composer(business_name="Bo's <b>Lawn</b> & Co")
    page = own.html(invoice(own, lines=[line], memo="<script>alert(1)</script>"), "Ana <i>Lima</i>")
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find_all(["img", "script", "i", "b"]) == []
    assert "Bo's <b>Lawn</b> & Co" in soup.get_text()
    assert "<script>alert(1)</script>" in soup.get_text()


def test_plain_text_is_plain():
    own = composer(business_name="Bo's Lawn & Co")
    text = own.text(invoice(own, memo="1 < 2 & “so on”"), "Ana O’Brien")
    assert "Bo's Lawn & Co" in text
    assert "1 < 2 & “so on”" in text
    assert "Ana O’Brien" in text
    assert "\n\n\n" not in text


def test_money_and_dates_are_written_as_the_locale_writes_them():
    own = composer(locale="de_DE", currency="EUR")
    text, html = parts(invoice(own, currency="EUR", total_minor=123450), own)
    for words in (text, html):
        assert "1.234,50\u00a0€" in words
        assert "31. März 2026" in words


def test_a_currency_without_minor_units_is_not_divided():
    own = composer(locale="ja_JP", currency="JPY")
    assert "¥8,450" in invoice(own, currency="JPY").subject.replace("￥", "¥")


def test_a_date_is_the_same_day_in_every_zone():
    own = composer(time_zone="Pacific/Honolulu")
    assert "July 1, 2026" in invoice(own, due_on=date(2026, 7, 1)).subject
