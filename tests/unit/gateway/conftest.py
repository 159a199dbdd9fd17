"""A gateway over a recording back end, and a browser without scripts that is signed in at it."""

import re

import pytest
from flask.testing import FlaskClient

from contracts import balance, billing, identity, payments
from gateway.app import create_app
from tests.support import gateway as views
from tests.support.gateway import ANA, TOKEN, RecordingBackend, gateway_settings


@pytest.fixture()
def backend():
    """Every service answers: Ana owes $84.50 on one invoice and has one saved card."""
    backend = RecordingBackend()
    backend.answers(identity.CheckSession, lambda command: views.a_session(command.customer_id))
    backend.answers(identity.LogIn, views.an_opened_session())
    backend.answers(identity.LogOut, identity.Done())
    backend.answers(identity.RequestLink, identity.Done())
    backend.answers(balance.GetAccount, views.an_account())
    backend.answers(balance.ListActivity, views.an_activity_page(views.an_activity_row()))
    backend.answers(billing.GetAmountDue, views.an_amount_due(views.an_invoice()))
    backend.answers(billing.ListInvoices, views.an_invoice_page(views.an_invoice()))
    backend.answers(
        billing.GetInvoice,
        billing.InvoiceView(summary=views.an_invoice(), lines=[], allocations=[], as_of=views.TODAY),
    )
    backend.answers(payments.ListPayments, views.a_payment_page())
    backend.answers(payments.ListCards, views.some_cards(views.a_card()))
    backend.answers(payments.GetPayment, views.a_payment())
    backend.answers(payments.PayInvoices, views.a_payment())
    return backend


@pytest.fixture(scope="session")
def gateway():
    """The application, made once: it keeps nothing between requests."""
    return create_app(gateway_settings(), RecordingBackend())


@pytest.fixture()
def app(gateway, backend):
    """The application over this test's back end."""
    gateway.extensions["porchlight.backend"] = backend
    return gateway


@pytest.fixture()
def stranger(app):
    """A browser that is not signed in."""
    return Browser(app, app.response_class)


@pytest.fixture()
def ana(app):
    """A browser with Ana's session."""
    browser = Browser(app, app.response_class)
    with browser.session_transaction() as session:
        session["token"], session["account"] = TOKEN, ANA
    return browser


class Browser(FlaskClient):
    """Fills forms in as a browser does: with the hidden fields of the page they are on."""

    def form_token(self, page="/login"):
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).text)[1]

    def submit(self, path, *, page=None, **fields):
        """Post `fields` to `path` with the form token of `page`."""
        return self.post(path, data={"csrf_token": self.form_token(page or path), **fields})

    def pay_fields(self, page="/pay"):
        """The hidden fields of the pay form, as a browser would send them."""
        html = self.get(page).text
        form = html[html.index("data-pay-form") :]
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        fields: dict = {}
        for name, value in found:
            fields.setdefault(name, []).append(value)
        return fields
