"""What customers see of themselves, and change: contact data, e-mail address, password, sessions."""

from datetime import datetime

from contracts.identity.answers import Done
from contracts.identity.customers import CustomerView
from contracts.wire import Command, View


class SessionSummary(View):
    """One of the log-in's sessions. `user_agent` is what the browser called itself; nothing here is a secret."""

    session_id: str
    opened_at: datetime
    last_seen_at: datetime
    ip_address: str
    user_agent: str
    is_current: bool


class EmailChangeView(View):
    """A change of the log-in's e-mail address that waits for the link sent to `new_email` to be opened."""

    new_email: str
    expires_at: datetime


class ProfileView(View):
    """The account in view, and what belongs to its log-in: sessions newest first, and an address that waits.

    `shared_with` are the names of the log-in's other accounts: a new e-mail address is theirs too.
    """

    customer: CustomerView
    sessions: list[SessionSummary]
    password_set_at: datetime
    signed_up_at: datetime
    email_change: EmailChangeView | None = None
    shared_with: list[str] = []


class GetProfile(Command[ProfileView]):
    """Everything that the page "Profile" shows. Refused `wrong_credentials` when the session is over or the account
    is somebody else's.
    """

    session_token: str
    customer_id: str


class ChangeContact(Command[CustomerView]):
    """Change name, phone and address of an account, as its customer does. Empty `phone` or `address` removes it.

    `based_on_version` is the `contact_version` that was changed: refused with `conflict` when another one is on file
    by now, unless it says the same already. Refused `invalid` with the field.
    """

    session_token: str
    customer_id: str
    name: str
    phone: str
    address: str
    based_on_version: int


class RequestEmailChange(Command[Done]):
    """Ask for another e-mail address for the log-in and all its accounts; `password` is the present one.

    A link goes to the new address and a notice to the old one; nothing changes before the link is used. Answers the
    same whether or not the new address is on file. Refused `wrong_credentials` with field `password`, `throttled`,
    `invalid` with field `email`.
    """

    session_token: str
    customer_id: str
    password: str
    new_email: str
    ip_address: str = ""


class WithdrawEmailChange(Command[Done]):
    """Give up a change of address that waits; without one nothing happens."""

    session_token: str
    customer_id: str


class InspectEmailChange(Command[EmailChangeView]):
    """Look at the link of a change of address without using it up. Refused `link_not_valid`."""

    token: str


class ConfirmEmailChange(Command[EmailChangeView]):
    """Use up the link: the new address is on file for every account of the log-in, and all its sessions end.

    Where the new address has a log-in, the accounts become its. Refused `link_not_valid`.
    """

    token: str


class ChangePassword(Command[Done]):
    """Set a new password with the present one; every other session of the log-in ends.

    Refused `wrong_credentials` with field `current_password`, `password_too_weak`, `throttled`.
    """

    session_token: str
    customer_id: str
    current_password: str
    new_password: str
    ip_address: str = ""


class EndSession(Command[Done]):
    """End another session of the same log-in. One that is over, or somebody else's, changes nothing."""

    session_token: str
    customer_id: str
    session_id: str


class EndOtherSessions(Command[Done]):
    """End every session of the log-in but this one."""

    session_token: str
    customer_id: str
