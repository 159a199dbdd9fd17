"""Paying all that is open with more invoices than a page lists: the page, payments and billing together."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from contracts import billing, identity, payments
from gateway.app import create_app
from gateway.bill import MOST_PAID
from tests.support import gateway as views
from tests.support.billing import TODAY, Billing, row, succeeded
from tests.support.engines import both_engines
from tests.support.gateway import ANA, TOKEN, Browser, RecordingBackend, gateway_settings
from tests.support.payments import PACKAGE, Payments

EACH_MINOR = 100
OPEN = MOST_PAID + 1

database = both_engines("services.billing.migrations")


class BillingByCall(Billing):
    """billing as payments calls it."""

    def call(self, command, timeout_s: float = 2.0):
        return self.ask(command)


@pytest.fixture
def house(database: Database, tmp_path: Path):
    """Ana's billing, with one open invoice more than one payment can name, and her payments."""
    billing_house = BillingByCall(database)
    rows = [
        row(f"{at:04}", EACH_MINOR, at=at, customer_id=ANA, issued_on=TODAY - timedelta(days=9)) for at in range(OPEN)
    ]
    billing_house.imports(*rows[:MOST_PAID])
    billing_house.imports(*rows[MOST_PAID:])
    payments_url = f"sqlite:///{tmp_path}/payments.sqlite"
    upgrade(payments_url, PACKAGE)
    return billing_house, Payments(Database(payments_url), billing=billing_house)


@pytest.fixture
def ana(house):
    """A browser with Ana's session, at a gateway before these services."""
    billing_house, payments_house = house
    backend = RecordingBackend()
    backend.answers(identity.CheckSession, lambda command: views.a_session(command.customer_id))
    for question in (billing.GetAmountDue, billing.GetInvoice):
        backend.answers(question, billing_house.ask)
    for command in (payments.PayInvoices, payments.ListCards, payments.GetPayment):
        backend.answers(command, payments_house.ask)
    app = create_app(gateway_settings(), backend)
    browser = Browser(app, app.response_class)
    with browser.session_transaction() as session:
        session["token"], session["account"] = TOKEN, ANA
    return browser


def press_pay(ana: Browser, fields):
    return ana.post("/pay", data=fields | {"card": "new", "payment_method": "pm_works"})


def test_what_the_form_showed_is_charged_to_the_last_invoice(ana, house):
    billing_house, payments_house = house
    assert press_pay(ana, ana.pay_fields()).status_code == 303
    assert payments_house.captured_minor() == OPEN * EACH_MINOR
    assert billing_house.due(ANA).payable_minor == 0


def test_an_older_invoice_that_comes_after_the_form_is_shown_and_not_paid_in_place_of_others(ana, house):
    billing_house, payments_house = house
    fields = ana.pay_fields()
    billing_house.imports(row("OLDER", 250, customer_id=ANA, issued_on=date(2025, 1, 1), due_on=date(2025, 1, 1)))
    answer = press_pay(ana, fields)
    assert answer.status_code == 409
    assert "It was $501.00 and is $503.50 now" in answer.text
    assert ">Pay $503.50</button>" in answer.text
    assert payments_house.captured_minor() == 0
    assert billing_house.due(ANA).processing_minor == 0


def test_money_that_comes_after_the_form_is_shown_is_not_paid_twice(ana, house):
    billing_house, payments_house = house
    fields = ana.pay_fields()
    billing_house.hear(succeeded(50, customer_id=ANA))
    answer = press_pay(ana, fields)
    assert answer.status_code == 409
    assert "It was $501.00 and is $500.50 now" in answer.text
    assert payments_house.captured_minor() == 0


def test_the_invoice_that_is_due_last_can_be_chosen_although_it_is_not_listed(ana, house):
    billing_house, payments_house = house
    (last,) = billing_house.imports(row("LAST", 250, customer_id=ANA, due_on=date(2027, 1, 1)))
    assert last.id not in {invoice.invoice_id for invoice in billing_house.due(ANA).invoices}
    page = f"/pay?invoice={last.id}"
    assert ">Pay $2.50</button>" in ana.get(page).text
    assert press_pay(ana, ana.pay_fields(page)).status_code == 303
    assert payments_house.captured_minor() == 250
    assert [part["invoice_id"] for part in payments_house.only().invoices] == [last.id]
