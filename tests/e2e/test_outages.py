"""A killed service takes its own panel with it and nothing else; what happened meanwhile is there when it returns."""

from collections.abc import Callable, Iterator

import pytest

from contracts.billing import FindInvoices, SendInvoices
from porchlight.connection import Services
from porchlight.local_stack import LocalStack
from porchlight.walk.browser import Browser
from porchlight.walk.main_job import MainJob
from tests.support.waiting import eventually

AWAY = "temporarily unavailable"


@pytest.fixture(scope="module")
def visit(new_walk: Callable[[], MainJob]) -> MainJob:
    """A customer who is looking at the dashboard."""
    return signed_in(new_walk())


@pytest.fixture
def killed(stack: LocalStack) -> Iterator[Callable[[str], None]]:
    """Kills services; those that the test has not started again are started at its end."""
    gone: list[str] = []

    def kill(name: str) -> None:
        stack.kill(name)
        gone.append(name)

    yield kill
    stack.start(*(name for name in gone if name not in stack.running))


def signed_in(walk: MainJob) -> MainJob:
    """The walk as far as the dashboard: signed up, logged in, $182.50 past due."""
    walk.import_customers_and_invoices()
    walk.settle()
    walk.sign_up_says_the_same_for_any_address()
    walk.set_the_password_from_the_link()
    walk.log_in()
    return walk


def dashboard_of(browser: Browser) -> str:
    browser.open("/")
    return browser.text


@pytest.mark.parametrize("name", ["billing", "balance", "payments"])
def test_a_killed_service_leaves_its_panel_marked_and_the_page_standing(
    stack: LocalStack, visit: MainJob, killed: Callable[[str], None], name: str
) -> None:
    assert AWAY not in dashboard_of(visit.browser)
    killed(name)
    assert AWAY in dashboard_of(visit.browser)
    stack.start(name)
    eventually(lambda: AWAY not in dashboard_of(visit.browser))
    visit.browser.expect("Past Due", "$182.50")


def test_without_notify_the_dashboard_is_whole(visit: MainJob, killed: Callable[[str], None]) -> None:
    killed("notify")
    assert AWAY not in dashboard_of(visit.browser)


def test_without_identity_there_is_no_signed_in_page(
    stack: LocalStack, visit: MainJob, killed: Callable[[str], None]
) -> None:
    killed("identity")
    visit.browser.open("/", status=503)
    visit.browser.expect_not("$182.50")
    stack.start("identity")
    eventually(lambda: "$182.50" in dashboard_of(visit.browser))


def test_an_invoice_sent_while_the_listeners_are_away_reaches_them_all_once(
    stack: LocalStack, services: Services, new_walk: Callable[[], MainJob], killed: Callable[[str], None]
) -> None:
    walk = signed_in(new_walk())
    for name in ("balance", "notify"):
        killed(name)
    drafts = services.caller.call(FindInvoices(numbers=[walk.numbers["current"]]))
    services.caller.call(SendInvoices(invoice_ids=[draft.invoice_id for draft in drafts]))
    stack.start("balance", "notify")
    services.settle()
    walk.browser.open("/")
    walk.browser.expect("$267.00")
    services.wait_for_mail()
    assert len([mail for mail in walk.mailbox.all_to(walk.email) if walk.numbers["current"] in mail["subject"]]) == 1
