"""The account switcher of the gateway over identity itself, with answers that are lost on the way."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from chassis.database import Database
from chassis.migrations import upgrade
from contracts import codes
from contracts import identity as wire
from contracts.wire import Refused
from gateway.app import create_app
from tests.support.gateway import Browser, RecordingBackend, gateway_settings
from tests.support.identity import GOOD_PASSWORD, Identity

EMAIL = "ana@example.com"


@pytest.fixture
def identity(tmp_path) -> Iterator[Identity]:
    url = f"sqlite:///{tmp_path}/identity.sqlite"
    upgrade(url, "services.identity.migrations")
    database = Database(url)
    yield Identity(database)
    database.close()


@pytest.fixture
def home(identity: Identity) -> str:
    """The account that the log-in opens."""
    customer_id = identity.customer(EMAIL, name="14 Elm St", reference="A-1")
    identity.sign_up(EMAIL)
    return customer_id


@pytest.fixture
def lake_house(identity: Identity, home: str) -> str:
    return identity.customer(EMAIL, name="The lake house", reference="A-2")


@pytest.fixture
def backend(identity: Identity) -> RecordingBackend:
    """identity, and nobody else: panels say that they are unavailable."""
    backend = RecordingBackend()
    backend.answers(wire.LogIn, lambda command: identity.log_in(command.email, command.password))
    backend.answers(wire.CheckSession, lambda command: identity.check(command.session_token, command.customer_id))
    backend.answers(wire.SwitchAccount, lambda command: identity.switch(command.session_token, command.customer_id))
    return backend


@pytest.fixture
def browser(backend: RecordingBackend, home: str, lake_house: str) -> FlaskClient:
    """Signed in, at home."""
    app = create_app(gateway_settings(), backend)
    browser = Browser(app, app.response_class)
    assert browser.submit("/login", email=EMAIL, password=GOOD_PASSWORD).location == "/"
    return browser


def account_in_view(browser: FlaskClient) -> str:
    assert browser.get("/").status_code == 200, "signed in"
    with browser.session_transaction() as session:
        return str(session["account"])


def test_a_switch_whose_answer_is_lost_signs_nobody_out_and_is_made_by_pressing_again(
    browser, backend, identity, home, lake_house
):
    def carried_out_and_lost(command: wire.SwitchAccount) -> wire.SessionView:
        identity.switch(command.session_token, command.customer_id)
        raise Refused(codes.UNAVAILABLE, "The service did not answer in time.")

    backend.answers(wire.SwitchAccount, carried_out_and_lost)
    assert browser.submit("/account", page="/", customer_id=lake_house).status_code == 503
    assert account_in_view(browser) == home

    backend.answers(wire.SwitchAccount, lambda command: identity.switch(command.session_token, command.customer_id))
    assert browser.submit("/account", page="/", customer_id=lake_house).location == "/"
    assert account_in_view(browser) == lake_house


def test_a_page_that_is_lost_on_the_way_to_the_browser_leaves_the_former_account_in_view(
    browser, backend, identity, home, lake_house
):
    with browser.session_transaction() as session:
        token = session["token"]
    # identity and the gateway have done it, and the connection to the browser broke: no new cookie came.
    identity.switch(token, lake_house)
    assert account_in_view(browser) == home
    assert browser.submit("/account", page="/", customer_id=lake_house).location == "/"
    assert account_in_view(browser) == lake_house


def test_logging_in_still_makes_a_session_of_its_own(browser, backend, identity, home, lake_house):
    with browser.session_transaction() as session:
        before = session["token"]
    browser.submit("/account", page="/", customer_id=lake_house)
    assert browser.submit("/login", email=EMAIL, password=GOOD_PASSWORD).location == "/"
    with browser.session_transaction() as session:
        assert session["token"] != before
        assert session["account"] == home
