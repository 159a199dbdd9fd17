"""What leaves for a page, and what is shown when something does not come back."""

import pytest

from contracts import codes
from contracts.balance import ExplainFigure, GetAccount, GetStatement
from contracts.billing import GetAmountDue, GetInvoice, ListInvoices
from contracts.identity import CheckSession
from contracts.payments import GetAutoPay, GetPayment, ListCards, ListPayments
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA

SIGNED_IN_PAGES = {
    "/": {GetAutoPay, CheckSession, GetAccount, GetAmountDue, ListPayments},
    "/invoices": {CheckSession, ListInvoices},
    "/invoices/invoice-1042": {CheckSession, GetInvoice},
    "/payments": {CheckSession, ListPayments},
    "/account-history": {CheckSession, GetStatement},
    "/why/balance-due": {CheckSession, ExplainFigure},
    "/why/paid/2026-03": {CheckSession, ExplainFigure},
    "/statement": {CheckSession, GetStatement},
    "/statement.csv": {CheckSession, GetStatement},
    "/billing-info": {CheckSession, ListCards, GetAutoPay, GetAmountDue},
    "/pay": {CheckSession, GetAmountDue, ListCards},
    "/receipts/payment-1": {CheckSession, GetPayment},
}


@pytest.mark.parametrize(("path", "expected"), SIGNED_IN_PAGES.items())
def test_a_page_asks_everything_in_one_gather_with_the_session_check(ana, backend, path, expected):
    assert ana.get(path).status_code == 200
    assert len(backend.gathers) == 1
    assert not backend.calls
    assert {type(command) for command in backend.gathers[0].values()} == expected


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_a_pages_reads_have_two_seconds(ana, backend, path):
    ana.get(path)
    assert backend.timeouts_s == [2.0]


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_a_stranger_is_sent_to_the_login_and_nothing_is_asked(stranger, backend, path):
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/login")
    assert not backend.gathers


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_without_identity_there_is_no_signed_in_page(ana, backend, path):
    backend.take_away("identity")
    answer = ana.get(path)
    assert answer.status_code == 503
    assert "$" not in answer.text
    assert "Ana Whitfield" not in answer.text


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_an_answer_for_another_customer_throws_the_page_away(ana, backend, path):
    backend.answers(CheckSession, views.a_session("somebody-else"))
    answer = ana.get(path)
    assert answer.status_code == 503
    assert "$" not in answer.text


def test_a_session_that_is_over_ends_at_the_login_without_its_cookie(ana, backend):
    backend.answers(CheckSession, Refused(codes.WRONG_CREDENTIALS, "The session is over."))
    answer = ana.get("/invoices?show=open")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/invoices?show%3Dopen"
    with ana.session_transaction() as session:
        assert "token" not in session


def test_a_stolen_customer_id_does_not_get_past_the_signature(ana, backend):
    ana.set_cookie("session", "eyJ0b2tlbiI6IngiLCJhY2NvdW50IjoieSJ9.aWk.forged")
    assert ana.get("/").location == "/login"
    assert not backend.gathers


def test_the_calls_are_for_the_customer_of_the_cookie(ana, backend):
    ana.get("/")
    assert {command.customer_id for command in backend.gathers[0].values()} == {ANA}


def test_a_page_about_something_that_is_away_says_so(ana, backend):
    backend.take_away("billing")
    answer = ana.get("/invoices")
    assert answer.status_code == 503
    assert "Your account is safe" in answer.text


def test_signed_in_pages_are_never_stored(ana):
    for path in SIGNED_IN_PAGES:
        assert ana.get(path).headers["Cache-Control"] == "no-store"
