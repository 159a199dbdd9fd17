"""What error pages say, and to whom."""

from contracts import codes
from contracts.billing import ListInvoices
from contracts.identity import CheckSession, RequestLink
from contracts.wire import Refused


def test_a_customers_404_keeps_the_header_and_contact_us(ana):
    page = ana.get("/no-such-page")
    assert page.status_code == 404
    header = page.text.partition("</header>")[0]
    assert "Contact Us" in header
    assert ">Invoices</a>" in header
    assert "Go to the dashboard" in page.text


def test_a_strangers_404_asks_nobody_and_leads_to_log_in(stranger, backend):
    page = stranger.get("/no-such-page")
    assert page.status_code == 404
    assert "Go to log in" in page.text
    assert "dashboard</a>" not in page.text
    assert not backend.gathers


def test_a_404_is_shown_when_identity_is_away(ana, backend):
    backend.take_away("identity")
    assert ana.get("/no-such-page").status_code == 404


def test_a_404_is_shown_when_the_session_is_over(ana, backend):
    backend.answers(CheckSession, Refused(codes.WRONG_CREDENTIALS, "The session is over."))
    page = ana.get("/no-such-page")
    assert page.status_code == 404
    assert "Ana Whitfield" not in page.text


def test_a_missing_static_file_asks_nobody(ana, backend):
    asked = len(backend.gathers)
    assert ana.get("/static/0123456789abcdef/theme.css").status_code == 404
    assert len(backend.gathers) == asked


def test_a_stranger_who_tried_too_often_is_not_sent_to_a_dashboard(stranger, backend):
    backend.answers(RequestLink, Refused(codes.THROTTLED, "Too many.", retry_after_s=60))
    page = stranger.submit("/sign-up", email="ana@example.test")
    assert page.status_code == 429
    assert "Go to log in" in page.text


def test_an_unforeseen_error_tells_the_reference_to_quote(ana, backend):
    def broken(command):
        raise RuntimeError("secret detail")

    backend.answers(ListInvoices, broken)
    page = ana.get("/invoices")
    assert page.status_code == 500
    assert "contact us with the reference below" in page.text
    assert "secret detail" not in page.text
