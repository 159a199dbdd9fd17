"""The embedded portal asked to stop while a customer pays: he is answered first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from porchlight.demo_data.people import VISITOR
from porchlight.demo_data.visiting import PASSWORD
from tests.support.chaos.bank import Bank
from tests.support.chaos.books import Books
from tests.support.embedded_house import HOUSE, House, house
from tests.support.tab import TIMEOUT_S, Tab
from tests.support.waiting import eventually


@pytest.fixture
def running(tmp_path: Path):
    with house(tmp_path) as running:
        yield running


@pytest.mark.timeout(150)
def test_whoever_has_pressed_pay_when_it_is_asked_to_stop_is_led_to_the_receipt(running: House):
    bank = Bank(
        running.url("sandbox"), running.variables["STRIPE_SECRET_KEY"], running.variables["STRIPE_PUBLISHABLE_KEY"]
    )
    tab = Tab(running.url("gateway"))
    tab.log_in(VISITOR.email, PASSWORD)
    fields = tab.answer("/pay").fields_of("form[data-pay-form]")
    assert fields is not None
    fields |= {"card": ["new"], "payment_method": [bank.card("good")]}
    # Stripe's first answer is slow; by the next one the portal is stopping, and it takes a new connection to get it.
    bank.fail(action="delay", path="/customers$", delay_s=2.0)
    bank.fail(action="drop", path="/payment_intents$")
    with ThreadPoolExecutor() as customer:
        answer = customer.submit(press, tab, fields)
        books = Books(running, [])
        eventually(lambda: books.rows("payments", "SELECT * FROM payments WHERE key IS NOT NULL"))
        running.stop(HOUSE)
    assert answer.result().status_code == 303
    assert answer.result().headers["Location"].startswith("/receipts/")


def press(tab: Tab, fields: dict[str, list[str]]) -> requests.Response:
    """Press Pay. The receipt itself is asked for by the next request, when nobody is there any more."""
    address = f"{tab.portal_url}/pay"
    return tab.session.post(
        address, data=fields, headers={"Referer": address}, allow_redirects=False, timeout=TIMEOUT_S
    )
