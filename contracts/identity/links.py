"""One-time links, and the passwords that are set with them."""

from datetime import datetime
from typing import Literal

from contracts.identity.answers import Done
from contracts.wire import Command, View

LinkPurpose = Literal["sign_up", "reset", "email_change", "invitation"]
"""Invitations are made by `InviteCustomers` alone, `email_change` links by `RequestEmailChange` alone and used with
`ConfirmEmailChange` alone.
"""


class LinkView(View):
    """A one-time link that may still be used, and for which e-mail address."""

    purpose: LinkPurpose
    email: str
    expires_at: datetime


class LinkToken(View):
    """The secret of a one-time link and the address that it belongs to, for the message that carries it."""

    token: str
    email: str
    expires_at: datetime


class RequestLink(Command[Done]):
    """Ask for a sign-up or a reset link. Answers the same, in the same time, for any address."""

    email: str
    purpose: LinkPurpose
    ip_address: str = ""


class InspectLink(Command[LinkView]):
    """Look at a link without using it up. Refused with `link_not_valid`."""

    token: str


class ReadLinkToken(Command[LinkToken]):
    """For notify, just before it sends: the secret of link `link_id`. Never part of an event."""

    link_id: str


class SetPassword(Command[Done]):
    """Use up a link and set the password; ends every session of the log-in.

    Refused with `link_not_valid` or `password_too_weak`. 8 to 256 characters, common ones refused.
    """

    token: str
    password: str
