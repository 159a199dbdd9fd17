"""A gateway over a recording back end, and a browser without scripts that is signed in at it."""

import pytest

from contracts import balance, billing, identity, payments
from gateway.app import create_app
from tests.support import gateway as views
from tests.support.gateway import ANA, TOKEN, Browser, RecordingBackend, gateway_settings
from tests.support.gateway_balance import a_figure, a_figure_row, a_statement
from tests.support.gateway_wallet import an_auto_pay


@pytest.fixture
def backend():
    """Every service answers: Ana owes $84.50 on one invoice and has one saved card."""
    backend = RecordingBackend()
    backend.answers(identity.CheckSession, lambda command: views.a_session(command.customer_id))
    backend.answers(identity.LogIn, views.an_opened_session())
    backend.answers(identity.LogOut, identity.Done())
    backend.answers(identity.RequestLink, identity.Done())
    backend.answers(balance.GetAccount, views.an_account())
    backend.answers(balance.GetStatement, a_statement(views.an_activity_row()))
    backend.answers(balance.ExplainFigure, a_figure(a_figure_row()))
    backend.answers(billing.GetAmountDue, views.an_amount_due(views.an_invoice()))
    backend.answers(billing.ListInvoices, views.an_invoice_page(views.an_invoice()))
    backend.answers(
        billing.GetInvoice,
        billing.InvoiceView(summary=views.an_invoice(), lines=[], allocations=[], as_of=views.TODAY),
    )
    backend.answers(payments.ListPayments, views.a_payment_page())
    backend.answers(payments.ListCards, views.some_cards(views.a_card()))
    backend.answers(payments.GetAutoPay, an_auto_pay())
    backend.answers(payments.GetPayment, views.a_payment())
    backend.answers(payments.PayInvoices, views.a_payment())
    return backend


@pytest.fixture(scope="session")
def gateway():
    """The application, made once: it keeps nothing between requests."""
    return create_app(gateway_settings(), RecordingBackend())


@pytest.fixture
def app(gateway, backend):
    """The application over this test's back end."""
    gateway.extensions["porchlight.backend"] = backend
    return gateway


@pytest.fixture
def stranger(app):
    """A browser that is not signed in."""
    return Browser(app, app.response_class)


@pytest.fixture
def ana(app):
    """A browser with Ana's session."""
    browser = Browser(app, app.response_class)
    with browser.session_transaction() as session:
        session["token"], session["account"] = TOKEN, ANA
    return browser
