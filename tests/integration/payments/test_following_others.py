"""What payments hears: contact data for Stripe, and what billing put a payment on."""

from contracts.identity import ContactChanged
from contracts.payments import GetPayment, PaidInvoice, RecordPayments
from services.payments.clients.provider import Contact, ProviderRefused
from services.payments.models import Customer
from tests.support.payments import CUSTOMER, INVOICE, NEIGHBOUR, Payments, allocated, recorded


def contact(version: int, *, customer_id: str = CUSTOMER, name: str = "Ada", email: str | None = "ada@example.com"):
    return ContactChanged(
        customer_id=customer_id,
        version=version,
        reference="C-1",
        name=name,
        email=email,
        phone=None,
        address=None,
        origin="portal",
    )


def test_the_customer_at_stripe_has_name_and_address(payments: Payments):
    payments.hear(contact(1))

    payments.pay()

    assert list(payments.stripe.customers.values()) == [
        Contact(customer_id=CUSTOMER, version=1, name="Ada", email="ada@example.com")
    ]


def test_a_customer_who_pays_before_its_contact_arrives_can_pay(payments: Payments):
    assert payments.pay().state == "succeeded"

    payments.hear(contact(1))
    payments.work()

    (known,) = payments.stripe.customers.values()
    assert known.email == "ada@example.com"


def test_a_change_is_told_to_stripe_only_for_customers_it_knows(payments: Payments):
    payments.hear(contact(1), contact(1, customer_id=NEIGHBOUR))
    payments.pay()

    payments.hear(contact(2, email="new@example.com"), contact(2, customer_id=NEIGHBOUR, name="Bob"))
    payments.work()

    assert [told.email for told in payments.stripe.called("update_customer")] == ["new@example.com"]


def test_contact_changes_in_any_order_end_with_the_newest(payments: Payments):
    payments.hear(contact(3, name="third"), contact(1, name="first"), contact(2, name="second"))
    payments.hear(contact(2, name="second"))

    with payments.database.read() as session:
        customer = session.get(Customer, CUSTOMER)
    assert customer is not None
    assert (customer.version, customer.name) == (3, "third")


def test_when_stripe_is_silent_it_is_told_later(payments: Payments):
    payments.hear(contact(1))
    payments.pay()
    payments.stripe.lose("update_customer", "before")
    payments.hear(contact(2, email="new@example.com"))
    payments.work()

    payments.pass_time(minutes=5)

    (known,) = payments.stripe.customers.values()
    assert known.email == "new@example.com"


def test_when_stripe_refuses_contact_data_it_is_left_at_that(payments: Payments):
    payments.pay()
    payments.stripe.strike("update_customer", "before", ProviderRefused("email_invalid", "no"))
    payments.hear(contact(1))
    payments.work()

    payments.pass_time(hours=1)

    assert len(payments.stripe.called("update_customer")) == 1


def test_a_payment_shows_what_it_was_really_put_on(payments: Payments):
    (result,) = payments.ask(RecordPayments(rows=[recorded(amount_minor=2_000)]))
    payment_id = str(result.id)

    payments.hear(allocated(payment_id, amount_minor=1_500, credit_minor=500))

    view = payments.ask(GetPayment(customer_id=CUSTOMER, payment_id=payment_id))
    assert view.invoices == [PaidInvoice(invoice_id=INVOICE, number="1001", amount_minor=1_500)]
    assert view.excess_minor == 500


def test_an_older_allocation_that_comes_late_changes_nothing(payments: Payments):
    payment_id = payments.pay().payment_id

    payments.hear(allocated(payment_id, amount_minor=4_000, credit_minor=1_000), version=3)
    payments.hear(allocated(payment_id, amount_minor=5_000), version=2)

    assert payments.ask(GetPayment(customer_id=CUSTOMER, payment_id=payment_id)).excess_minor == 1_000
