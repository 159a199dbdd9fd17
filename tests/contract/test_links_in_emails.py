"""Every link in an e-mail leads to a page of the gateway that takes it: the routes are written in two places."""

from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from gateway.app import create_app
from services.notify.emails import portal_links
from tests.support.gateway import RecordingBackend, gateway_settings

PORTAL = "https://portal.example.com"


@pytest.mark.parametrize(
    ("link", "page", "values"),
    [
        (portal_links.invoice(PORTAL, "i-1 é?#"), "invoices.show_one", {"invoice_id": "i-1 é?#"}),
        (portal_links.receipt(PORTAL, "p-1"), "receipts.show", {"payment_id": "p-1"}),
        (portal_links.set_password(PORTAL, "t0ken-_"), "access.set_password", {"token": "t0ken-_"}),
        (portal_links.pay_invoice(PORTAL, "i-1"), "pay.show", {}),
        (portal_links.sign_up(PORTAL), "access.sign_up", {}),
        (portal_links.statement(PORTAL, date(2026, 3, 1), date(2026, 3, 31)), "statement.show", {}),
        (portal_links.contact(PORTAL), "contact.show", {}),
        (portal_links.confirm_email(PORTAL, "t0ken-_"), "email_change.show", {"token": "t0ken-_"}),
        (portal_links.profile(PORTAL), "profile.show", {}),
        (portal_links.log_in(PORTAL), "access.login", {}),
        (portal_links.forgot_password(PORTAL), "access.forgot_password", {}),
    ],
)
def test_a_link_leads_to_its_page(link, page, values):
    app = create_app(gateway_settings(), RecordingBackend())
    parts = urlsplit(link)
    routes = app.url_map.bind(parts.netloc, url_scheme=parts.scheme)
    assert routes.match(unquote(parts.path), method="GET") == (page, values)


def test_the_pay_link_names_its_invoice_as_the_pay_page_reads_it():
    query = parse_qs(urlsplit(portal_links.pay_invoice(PORTAL, "i-1&x=1")).query)
    assert query == {"invoice": ["i-1&x=1"]}
