"""What a page costs to load, and whom it asks: nobody but the portal, and Stripe where a card is entered."""

from urllib.parse import urlsplit

import pytest

LARGEST_PAGE = 150_000
LARGEST_DOCUMENT = 40_000
"""Bytes over the wire: with every file, on the first visit; and without those that the browser keeps for a year."""

STRIPE = "js.stripe.com"
TAKES_A_CARD = ("/pay", "/billing-info?enter=turn-on")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/invoices",
        "/invoices/invoice-1012",
        "/account-history",
        "/pay",
        "/receipts/payment-1012",
        "/billing-info",
        "/billing-info?enter=turn-on",
    ],
)
def test_a_page_is_light_and_asks_no_other_host(visit, path):
    ana = visit().signed_in()
    page = ana.new_tab()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    responses, received = [], []
    page.on("response", lambda response: responses.append(response))
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(ana.portal + path)
    page.wait_for_load_state("networkidle")
    document, *files = [each for each in responses if urlsplit(each.url).hostname != STRIPE]
    assert 10_000 < sum(received) < LARGEST_PAGE
    assert document.request.sizes()["responseBodySize"] < LARGEST_DOCUMENT
    assert {urlsplit(each.url).netloc for each in files} == {urlsplit(ana.portal).netloc}
    assert {each.headers["cache-control"] for each in files} == {"public, max-age=31536000, immutable"}
    assert (len(responses) > len(files) + 1) == (path in TAKES_A_CARD)
