"""The seed's instructions for signing up, each a claim of its own, on the whole portal."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.embedded_portal import PASSWORD, Customer, EmbeddedPortal

WITH_AND_WITHOUT_SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["", "without-scripts"])


class Steps:
    """Ana, on file with the business, on her way to a log-in."""

    def __init__(self, portal: EmbeddedPortal, ana: Customer, visitor: Any, *, scripts: bool) -> None:
        self.portal, self.ana, self.visitor, self._scripts = portal, ana, visitor, scripts

    @property
    def page(self) -> Page:
        page: Page = self.visitor.page
        return page

    def look(self) -> None:
        """The page in view has no faults; what measures them is a script."""
        if self._scripts:
            self.visitor.expect_no_faults()

    def enter_email(self, address: str) -> None:
        self.visitor.open("/login")
        self.page.get_by_role("link", name="Sign Up").click()
        self.page.get_by_label("E-mail address").fill(address)
        self.page.get_by_role("button", name="Submit").click()
        expect(self.page.get_by_role("heading", name="Check your e-mail")).to_be_visible()

    def open_link(self, subject: str = "link to sign up") -> None:
        message = self.portal.mailbox.wait_for(self.ana.email, subject)
        (link,) = {each for each in message["links"] if "/set-password/" in each}
        self.page.goto(link)

    def set_password(self, password: str, again: str | None = None) -> None:
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_label("Password again").fill(password if again is None else again)
        self.page.get_by_role("button", name="Submit").click()

    def sign_up(self) -> None:
        self.enter_email(self.ana.email)
        self.open_link()
        self.set_password(PASSWORD)
        expect(self.page.get_by_text("Your password is set")).to_be_visible()


@pytest.fixture
def scripts() -> bool:
    """Whether the browser runs them; the whole ways, from first to last step, are walked both ways."""
    return True


@pytest.fixture
def steps(visit_portal, whole_portal, scripts) -> Steps:
    ana = whole_portal.on_file()
    # The address has to be known everywhere before a link can go to it.
    whole_portal.settle()
    return Steps(whole_portal, ana, visit_portal(java_script_enabled=scripts), scripts=scripts)


def test_you_may_visit_the_portal_directly_by_going_here(steps: Steps):
    steps.visitor.open("/")
    expect(steps.page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    steps.look()


def test_click_the_sign_up_link_and_enter_your_email_address(steps: Steps):
    steps.visitor.open("/login")
    steps.page.get_by_role("link", name="Sign Up").click()
    steps.look()
    steps.page.get_by_role("button", name="Submit").click()
    expect(steps.page.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    steps.page.get_by_label("E-mail address").fill(steps.ana.email)
    steps.page.get_by_role("button", name="Submit").click()
    expect(steps.page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    expect(steps.page.get_by_text(steps.ana.email)).to_be_visible()
    steps.look()


def test_please_make_sure_you_use_the_same_email_address_that_you_have_provided_to_us(steps: Steps):
    stranger = f"not.{steps.ana.email}"
    steps.enter_email(stranger)
    # The page says the same of any address: only the mailbox tells them apart.
    steps.enter_email(steps.ana.email)
    steps.portal.mailbox.wait_for(steps.ana.email, "link to sign up")
    steps.portal.settle()
    assert not [each for each in steps.portal.mailbox.all_to(stranger) if "set-password" in each["text"]]


def test_you_will_then_receive_an_email_that_contains_a_link_for_you_to_set_up_your_password(steps: Steps):
    steps.enter_email(steps.ana.email)
    steps.open_link()
    expect(steps.page.get_by_role("heading", name="Set your password")).to_be_visible()
    expect(steps.page.get_by_text(steps.ana.email)).to_be_visible()
    steps.look()


def test_you_will_need_to_enter_your_password_twice_and_then_submit(steps: Steps):
    steps.enter_email(steps.ana.email)
    steps.open_link()
    steps.set_password(PASSWORD, again="orchard lantern thirteen")
    expect(steps.page.get_by_label("Password again")).to_have_attribute("aria-invalid", "true")
    steps.look()
    steps.set_password(PASSWORD)
    expect(steps.page.get_by_text("Your password is set")).to_be_visible()


@WITH_AND_WITHOUT_SCRIPTS
def test_once_you_do_this_you_will_now_be_able_to_login_to_the_portal_with_this_email_and_password(steps: Steps):
    steps.sign_up()
    steps.visitor.log_in(steps.ana.email, PASSWORD)
    expect(steps.page.get_by_role("region", name="Balance Due")).to_be_visible()


@WITH_AND_WITHOUT_SCRIPTS
def test_you_can_reset_your_password_at_any_time_by_clicking_the_forgot_password_link_on_the_login_screen(
    steps: Steps,
):
    steps.sign_up()
    steps.visitor.open("/login")
    steps.page.get_by_role("link", name="Forgot Password").click()
    steps.look()
    steps.page.get_by_label("E-mail address").fill(steps.ana.email)
    steps.page.get_by_role("button", name="Submit").click()
    steps.open_link("link to choose a new password")
    steps.set_password("another orchard twelve")
    steps.visitor.log_in(steps.ana.email, "another orchard twelve")
