"""The Credits tab."""

from typing import get_args

import msgspec
import pytest

from contracts import codes
from contracts.billing import CreditKind, ListCredits
from contracts.identity import CheckSession
from contracts.wire import Refused
from tests.support import gateway as views


@pytest.fixture(autouse=True)
def credits(backend):
    backend.answers(ListCredits, views.a_credit_page(views.a_credit()))


def test_the_page_is_one_round_of_calls(ana, backend):
    ana.get("/credits")
    assert len(backend.gathers) == 1
    assert [type(each) for each in backend.gathers[0].values()] == [CheckSession, ListCredits]
    assert backend.calls == []


def test_a_credit_says_what_is_left_and_where_the_rest_went(ana):
    page = ana.get("/credits").text
    assert "Money you&#39;ve paid that isn&#39;t on an invoice yet." in page or (
        "Money you've paid that isn't on an invoice yet." in page
    )
    for words in ("$25.00", "$12.00", "$13.00 on", "Gate left open, with our apologies"):
        assert words in page
    assert 'href="/invoices/invoice-1042">invoice 1042</a>' in page


def test_what_was_reversed_is_shown_as_such(ana, backend):
    use = views.a_credit_use(reversed_at=views.NOW)
    backend.answers(ListCredits, views.a_credit_page(views.a_credit(open_minor=0, allocations=[use])))
    page = ana.get("/credits").text
    assert "Reversed</span>" in page
    assert "What was reversed counts on that invoice no longer" in page


def test_what_was_sent_back_of_a_credit_is_said(ana, backend):
    entry = msgspec.structs.replace(views.a_credit(allocations=[]), sent_back_minor=700)
    backend.answers(ListCredits, views.a_credit_page(entry))
    assert "$7.00 sent back to you" in ana.get("/credits").text


@pytest.mark.parametrize("kind", get_args(CreditKind))
def test_every_kind_of_credit_has_words(ana, backend, kind):
    backend.answers(ListCredits, views.a_credit_page(views.a_credit(kind=kind, source_id="s")))
    words = {
        "goodwill": "Credit from",
        "overpayment": "Overpayment",
        "voided_invoice": "From a voided invoice",
        "reversed_payment": "Kept of a payment",
        "restored_payment": "came back",
    }
    assert words[kind] in ana.get("/credits").text


def test_an_overpayment_and_a_voided_invoice_lead_to_where_they_came_from(ana, backend):
    backend.answers(
        ListCredits,
        views.a_credit_page(
            views.a_credit(kind="overpayment", source_id="payment-7", allocations=[]),
            views.a_credit(kind="voided_invoice", source_id="invoice-7", allocations=[]),
        ),
    )
    page = ana.get("/credits").text
    assert "payment-7" in page
    assert 'href="/invoices/invoice-7"' in page
    assert "Not used yet" in page


def test_uses_that_are_not_listed_are_counted(ana, backend):
    backend.answers(ListCredits, views.a_credit_page(views.a_credit(further_uses=10)))
    assert "and on 10 more invoices" in ana.get("/credits").text


def test_where_the_customer_places_credits_the_page_leads_there(ana, backend):
    assert 'href="/pay?credits=1"' not in ana.get("/credits").text
    backend.answers(ListCredits, views.a_credit_page(views.a_credit(), auto_apply_credits=False))
    assert 'href="/pay?credits=1"' in ana.get("/credits").text


def test_without_credits_it_says_what_will_appear(ana, backend):
    backend.answers(ListCredits, views.a_credit_page())
    page = ana.get("/credits").text
    assert 'class="empty"' in page
    assert "$0.00" in page


def test_the_list_goes_on_at_the_cursor(ana, backend):
    backend.answers(ListCredits, views.a_credit_page(views.a_credit(), next_cursor="k1"))
    assert "/credits?after=k1" in ana.get("/credits").text
    ana.get("/credits?after=k1")
    assert backend.asked(ListCredits)[-1].cursor == "k1"


def test_a_cursor_that_billing_refuses_is_404(ana, backend):
    backend.answers(ListCredits, Refused(codes.INVALID, "Not a cursor."))
    assert ana.get("/credits?after=zzz").status_code == 404


def test_without_billing_the_page_says_so(ana, backend):
    backend.take_away("billing")
    assert ana.get("/credits").status_code == 503
