"""What a customer with a browser of his own making cannot do: pay less, pay with somebody else's card, pay twice."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from contracts.balance import GetAccount
from contracts.billing import (
    CreateInvoice,
    ImportInvoices,
    InvoiceLine,
    InvoiceRow,
    InvoiceView,
    SendInvoice,
    VoidInvoice,
)
from contracts.identity import CustomerRow, FindCustomers, ImportCustomers
from contracts.payments import ListCards, ListPayments
from porchlight.connection import Services
from porchlight.local_stack import LocalStack
from tests.support.chaos.bank import Bank
from tests.support.chaos.books import Books
from tests.support.signing_up import sign_up
from tests.support.tab import Page, Tab

PAY_FORM = "form[data-pay-form]"
PASSWORD = "orchard lantern attack"
Fields = dict[str, list[str]]


@dataclass
class Person:
    """A customer with a log-in, who owes `invoice_id` of $100."""

    customer_id: str
    email: str
    tab: Tab
    invoice_id: str


@pytest.fixture(scope="module")
def bank(stack: LocalStack) -> Bank:
    return Bank(stack.url("sandbox"), stack.variables["STRIPE_SECRET_KEY"], stack.variables["STRIPE_PUBLISHABLE_KEY"])


@pytest.fixture(scope="module")
def new_person(stack: LocalStack, services: Services) -> Callable[[str], Person]:
    def make(name: str) -> Person:
        tag = secrets.token_hex(3)
        email = f"{name}.{tag}@customers.example"
        call = services.caller.call
        call(ImportCustomers(rows=[CustomerRow(row=1, reference=f"{name}-{tag}", name=name, email=email)]))
        customer_id = call(FindCustomers(references=[f"{name}-{tag}"]))[0].customer_id
        sign_up_when_known(stack, services, email)
        tab = Tab(stack.url("gateway"))
        tab.log_in(email, PASSWORD)
        return Person(customer_id, email, tab, owe(services, customer_id))

    return make


@pytest.fixture(scope="module")
def mallory(new_person: Callable[[str], Person]) -> Person:
    return new_person("mallory")


@pytest.fixture(scope="module")
def victim(new_person: Callable[[str], Person], bank: Bank) -> Person:
    """Somebody who has paid with a card that was kept, and owes a second invoice."""
    person = new_person("victim")
    answer = pressed(person.tab, form_of(person.tab, bank) | {"save_card": ["1"]})
    assert answer.verdict == "paid", answer.text
    return person


def sign_up_when_known(stack: LocalStack, services: Services, email: str) -> None:
    services.settle()
    sign_up(stack, email, PASSWORD)


def owe(services: Services, customer_id: str, total_minor: int = 10_000) -> str:
    today = services.today()
    row = InvoiceRow(
        row=1,
        customer_id=customer_id,
        number=f"A-{secrets.token_hex(4)}",
        issued_on=today - timedelta(days=2),
        due_on=today,
        total_minor=total_minor,
    )
    results = services.caller.call(ImportInvoices(rows=[row]))
    services.settle()
    assert results[0].id is not None
    return results[0].id


def draft(services: Services, customer_id: str) -> InvoiceView:
    line = InvoiceLine(description="Mowing", unit_price_minor=10_000, amount_minor=10_000)
    today = services.today()
    return services.caller.call(
        CreateInvoice(key=secrets.token_hex(8), customer_id=customer_id, issued_on=today, due_on=today, lines=[line])
    )


def form_of(tab: Tab, bank: Bank, path: str = "/pay", card: str = "good") -> Fields:
    page = tab.answer(path)
    fields = page.fields_of(PAY_FORM)
    assert fields is not None, page.text
    return fields | {"card": ["new"], "payment_method": [bank.card(card)]}


def pressed(tab: Tab, fields: Fields) -> Page:
    return tab.answer("/pay", fields)


def charged(bank: Bank, person: Person) -> int:
    return sum(bank.received_by_customer().get(person.customer_id, {}).values())


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"amount_minor": ["1"]}, 409, id="a cent"),
        pytest.param({"amount_minor": ["9999"]}, 409, id="a cent less"),
        pytest.param({"amount_minor": ["10001"]}, 409, id="a cent more"),
        pytest.param({"amount_minor": ["99999999999"]}, 409, id="the largest that is read"),
        pytest.param({"amount_minor": ["0"]}, 400, id="nothing"),
        pytest.param({"amount_minor": ["-10000"]}, 400, id="negative"),
        pytest.param({"amount_minor": ["1e4"]}, 400, id="an exponent"),
        pytest.param({"amount_minor": ["100.00"]}, 400, id="a fraction"),
        pytest.param({"amount_minor": ["\u0661\u0660\u0660\u0660\u0660"]}, 400, id="Arabic digits"),
        pytest.param({"amount_minor": ["9" * 5000]}, 400, id="five thousand digits"),
        pytest.param({"currency": ["JPY"]}, 409, id="another currency"),
        pytest.param({"currency": ["usd"]}, 409, id="the currency in small letters"),
        pytest.param({"pays": ["no-such-invoice"]}, 409, id="an invoice that is none"),
        pytest.param({"pays": []}, 409, id="no invoice"),
        pytest.param({"payment_method": ["pm_card_visa/../../refunds"]}, 409, id="a path for a card"),
        pytest.param({"payment_method": ["pm_nobodys"]}, 200, id="a card that is none"),
        pytest.param({"key": ["k" * 65]}, 400, id="a long key"),
        pytest.param({"key": [""]}, 400, id="no key"),
    ],
)
def test_a_changed_form_charges_nothing(mallory: Person, bank: Bank, change: dict[str, list[str]], status: int) -> None:
    answer = pressed(mallory.tab, form_of(mallory.tab, bank, f"/pay?invoice={mallory.invoice_id}") | change)
    assert answer.status == status, answer.text
    assert answer.verdict == "nothing", answer.text
    assert charged(bank, mallory) == 0


def test_nobody_pays_with_somebody_elses_card(mallory: Person, victim: Person, services: Services, bank: Bank) -> None:
    card = services.caller.call(ListCards(customer_id=victim.customer_id)).cards[0]
    before = charged(bank, victim)
    answer = pressed(mallory.tab, form_of(mallory.tab, bank) | {"card": [card.card_id], "payment_method": [""]})
    assert (answer.status, answer.verdict) == (409, "nothing")
    assert (charged(bank, mallory), charged(bank, victim)) == (0, before)


def test_nobody_pays_with_what_stripe_calls_somebody_elses_card(
    mallory: Person, victim: Person, stack: LocalStack, bank: Bank
) -> None:
    query = "SELECT payment_method_id FROM cards WHERE customer_id IN :customers"
    method = Books(stack, [victim.customer_id]).rows("payments", query)[0].payment_method_id
    before = charged(bank, victim)
    answer = pressed(mallory.tab, form_of(mallory.tab, bank) | {"payment_method": [method]})
    assert answer.verdict == "nothing", answer.text
    assert (charged(bank, mallory), charged(bank, victim)) == (0, before)


def test_nobody_pays_for_somebody_else(mallory: Person, victim: Person, services: Services, bank: Bank) -> None:
    theirs = owe(services, victim.customer_id)
    form = form_of(mallory.tab, bank)
    assert pressed(mallory.tab, form | {"pays": [theirs]}).status == 409
    assert pressed(mallory.tab, form | {"account": [victim.customer_id]}).status == 409
    assert charged(bank, mallory) == 0
    assert services.caller.call(GetAccount(customer_id=victim.customer_id)).balance_due_minor == 10_000


@pytest.mark.parametrize("kind", ["draft", "void"])
def test_what_does_not_exist_for_the_customer_is_not_paid(
    mallory: Person, services: Services, bank: Bank, kind: str
) -> None:
    invoice = draft(services, mallory.customer_id).summary.invoice_id
    if kind == "void":
        services.caller.call(SendInvoice(invoice_id=invoice))
        services.caller.call(VoidInvoice(invoice_id=invoice))
    answer = pressed(mallory.tab, form_of(mallory.tab, bank) | {"pays": [invoice]})
    assert (answer.status, answer.verdict) == (409, "nothing")
    assert charged(bank, mallory) == 0


def test_every_address_of_somebody_else_is_404(mallory: Person, victim: Person, services: Services, bank: Bank) -> None:
    payment = services.caller.call(ListPayments(customer_id=victim.customer_id)).payments[0]
    token = {"csrf_token": form_of(mallory.tab, bank)["csrf_token"]}
    for path in (
        f"/invoices/{victim.invoice_id}",
        f"/receipts/{payment.payment_id}",
        f"/pay?invoice={victim.invoice_id}",
        f"/pay/{payment.payment_id}/confirm",
    ):
        page = mallory.tab.answer(path)
        assert page.status == 404, path
    for step in ("continue", "cancel"):
        page = mallory.tab.answer(f"/pay/{payment.payment_id}/{step}", token)
        assert page.status == 404, step


def test_a_waiting_payment_is_neither_finished_nor_given_up_by_somebody_else(
    mallory: Person, new_person: Callable[[str], Person], bank: Bank
) -> None:
    other = new_person("waiting")
    waiting = pressed(other.tab, form_of(other.tab, bank, card="asks"))
    token = {"csrf_token": form_of(mallory.tab, bank)["csrf_token"]}
    page = mallory.tab.answer(f"/pay/{waiting.payment_id}/cancel", token)
    assert page.status == 404
    box = waiting.html.select_one("[data-confirm]")
    assert box is not None
    bank.answer_question(str(box["data-secret"]), completed=True)
    done = other.tab.answer(f"/pay/{waiting.payment_id}/continue", waiting.fields_of("form[data-confirm-done]"))
    assert done.verdict == "paid"


def test_a_key_that_was_used_pays_nothing_else(
    new_person: Callable[[str], Person], services: Services, bank: Bank
) -> None:
    person = new_person("reuser")
    form = form_of(person.tab, bank)
    assert pressed(person.tab, form).verdict == "paid"
    second = owe(services, person.customer_id, 5_000)
    again = form_of(person.tab, bank) | {"key": form["key"]}
    answer = pressed(person.tab, again)
    assert answer.status == 409
    assert "was used already" in answer.text
    assert second in str(answer.html)
    assert charged(bank, person) == 10_000


def test_a_form_is_worth_nothing_without_its_session(new_person: Callable[[str], Person], bank: Bank) -> None:
    person = new_person("leaver")
    stolen = person.tab.twin()
    form: dict[str, Any] = form_of(person.tab, bank)
    home = person.tab.answer("/")
    person.tab.answer("/logout", home.fields_of("form[action='/logout']"))
    for tab in (person.tab, stolen):
        # The one has forgotten its cookie, and the form's token with it; the other has kept those of the old session.
        pressed(tab, form)
        page = tab.answer("/pay")
        assert "Log in" in page.text
    assert charged(bank, person) == 0


def test_a_form_without_the_visitors_own_token_is_refused(mallory: Person, victim: Person, bank: Bank) -> None:
    form, home = form_of(mallory.tab, bank), victim.tab.answer("/")
    foreign = (home.fields_of("form[action='/logout']") or {})["csrf_token"]
    for token in ([], [""], foreign, ["'; DROP TABLE payments; --"]):
        answer = pressed(mallory.tab, form | {"csrf_token": token})
        assert (answer.status, answer.verdict) == (400, "nothing")
    assert charged(bank, mallory) == 0
