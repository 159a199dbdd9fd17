"""Every link of every page leads somewhere: what the portal does not have yet is absent, not a dead link."""

import html
import re
from urllib.parse import urlsplit

import pytest

from tests.support.gateway import Browser
from tests.support.gateway_business import EMAIL, PASSWORD, Business

MOST_PAGES = 500
PAPER = re.compile(r"^/(\w+).*\.pdf.*")


@pytest.fixture
def backend():
    return Business()


def links_of(page):
    found = (html.unescape(each) for each in re.findall(r'href="([^"#][^"]*)"', page))
    return [each for each in found if not urlsplit(each).scheme]


def test_every_link_leads_to_a_page_with_one_heading_and_a_title(app, backend):
    ana = Browser(app, app.response_class)
    assert ana.submit("/login", email=EMAIL, password=PASSWORD).status_code == 303
    waiting, seen, papers = ["/", "/login", "/link-sent", "/no-such-page"], set(), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        assert len(seen) < MOST_PAGES
        kind = PAPER.sub(r"\1", path)
        if ".pdf" in path and kind in papers:
            continue  # Each is set by a process of its own: one of a kind shows that its links lead somewhere.
        papers.add(kind)
        answer = ana.get(path)
        assert answer.status_code == (404 if path == "/no-such-page" else 200), path
        if answer.mimetype != "text/html":
            continue
        assert len(re.findall("<h1", answer.text)) == 1, path
        assert re.search(r"<title>[^<·]+ · Green Acres Lawn</title>", answer.text), path
        waiting += links_of(answer.text)
    assert {"/invoices", "/statement", "/pay", "/sign-up", "/forgot-password", "/receipts/payment-1012"} <= seen
