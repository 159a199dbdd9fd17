"""A customer on file gets a log-in, by the link that arrives."""

from typing import Protocol

from porchlight.walk.browser import Browser
from porchlight.walk.outside import MailboxReader


class Portal(Protocol):
    """Whatever knows where `gateway` and `sandbox` are."""

    def url(self, name: str) -> str: ...


def sign_up(stack: Portal, email: str, password: str) -> None:
    """Ask for the link at Sign Up, open it from the mailbox, and set the password."""
    browser = Browser(stack.url("gateway"))
    browser.open("/sign-up")
    browser.submit("Submit", email=email)
    message = MailboxReader(stack.url("sandbox")).wait_for(email, "your link")
    browser.open(next(link for link in message["links"] if "/set-password/" in link))
    browser.submit("Submit", password=password, again=password)
