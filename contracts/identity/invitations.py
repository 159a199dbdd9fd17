"""Invitations: the business asks its customers to sign up."""

from typing import Literal

from contracts.wire import Command, View

InvitationStatus = Literal["invited", "invited_before", "no_email", "has_log_in", "not_found"]


class InvitationResult(View):
    """What became of inviting one customer. `with_reference` is another customer of the same address, whose e-mail
    is this one's too.
    """

    reference: str
    status: InvitationStatus
    customer_id: str | None = None
    email: str | None = None
    with_reference: str | None = None


class InviteCustomers(Command[list[InvitationResult]]):
    """Send customers the business's invitation with a one-time link that lives 7 days; one e-mail to an address.

    By references, at most 500, answered in their order. Who has no address, has a log-in, or holds an invitation that
    can still be used is passed over, so that repeating it sends nothing twice; `again` replaces an invitation that can
    still be used by a new one. `dry_run` answers the same and does nothing.
    """

    references: list[str]
    again: bool = False
    dry_run: bool = False
