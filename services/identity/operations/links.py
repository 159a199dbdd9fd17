"""One-time links: asked for by anybody, issued to addresses on file, looked at without being used up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis import outbox
from chassis.ids import new_id
from chassis.networks import network_of
from contracts import codes
from contracts.identity import (
    Done,
    InspectLink,
    LinkIssued,
    LinkPurpose,
    LinkRequested,
    LinkToken,
    LinkView,
    ReadLinkToken,
    RequestLink,
)
from contracts.wire import Refused
from services.identity import queries
from services.identity.domain import email_addresses, links, tokens
from services.identity.domain.email_addresses import BadAddress, EmailAddress
from services.identity.models import Customer, Link, LinkRequest, LogIn
from services.identity.operations import access


def request_link(session: Session, command: RequestLink, *, now: datetime) -> Done:
    """Write down that somebody asked; `issue_link` finds out later whether the address is on file.

    Nothing here looks at customers, so neither the answer nor its time can tell who is one. Refused `invalid` for
    what is no address at all.
    """
    try:
        address = email_addresses.parse(command.email)
    except BadAddress as error:
        message = f"That does not look like an e-mail address: {error}."
        raise Refused(codes.INVALID, message, field="email") from None
    network = network_of(command.ip_address)
    if network is not None and _requests_of(session, network, since=now - links.ASKED_WITHIN) >= (
        links.MOST_REQUESTS_PER_NETWORK
    ):
        return Done()
    request = LinkRequest(
        request_id=new_id(),
        email_key=address.key,
        purpose=command.purpose,
        network=network,
        requested_at=now,
    )
    session.add(request)
    outbox.record(
        session,
        LinkRequested(request_id=request.request_id),
        aggregate_id=request.request_id,
        aggregate_version=1,
        ordering_key=request.request_id,
    )
    return Done()


def issue_link(session: Session, event: LinkRequested, *, now: datetime, link_secret: str) -> None:
    """Make the link that was asked for if the address is on file, ending older ones; else do nothing.

    An address that has a log-in gets a link to set a new password, one that has none a link to sign up, whichever
    was asked for: the customer means "let me in".
    """
    request = session.get(LinkRequest, event.request_id)
    if request is None or request.requested_at + links.LIFE <= now:
        return
    customers = list(
        session.scalars(
            # Locked: a change of the address waits until this link can be seen, and then ends it.
            select(Customer)
            .where(Customer.email_key == request.email_key)
            .order_by(Customer.reference)
            .limit(queries.MOST_ACCOUNTS)
            .with_for_update()
        )
    )
    if not customers or _issued_to(session, request.email_key, since=now - links.ASKED_WITHIN) >= (
        links.MOST_LINKS_PER_ADDRESS
    ):
        return
    has_log_in = session.scalar(select(LogIn.log_in_id).where(LogIn.email_key == request.email_key)) is not None
    # Not a change of the address that waits: whoever asks for a link has proved nothing yet.
    access.end_links_to(session, request.email_key, now=now)
    _issue(
        session,
        customers,
        purpose="reset" if has_log_in else "sign_up",
        now=now,
        life=links.LIFE,
        link_secret=link_secret,
    )


def inspect_link(session: Session, command: InspectLink, *, now: datetime) -> LinkView:
    """Say what a link is for and change nothing. Refused `link_not_valid`, also for one that changes an address."""
    link = usable(find(session, command.token), now=now)
    if link.replaces_key is not None:
        raise not_valid()
    return LinkView(purpose=link.purpose, email=link.email, expires_at=link.expires_at)


def read_link_token(session: Session, command: ReadLinkToken, *, now: datetime, link_secret: str) -> LinkToken:
    """Make a link's secret again for the message that carries it. Refused `link_not_valid`."""
    link = usable(session.get(Link, command.link_id), now=now)
    token = tokens.link_token(link.link_id, link_secret=link_secret)
    if tokens.token_hash(token) != link.token_hash:
        # The secret was changed since; a message with this token would lead nowhere.
        raise not_valid()
    return LinkToken(token=token, email=link.email, expires_at=link.expires_at)


def find(session: Session, token: str) -> Link | None:
    """The link with this secret."""
    return session.scalar(select(Link).where(Link.token_hash == tokens.token_hash(token)))


def usable(link: Link | None, *, now: datetime) -> Link:
    """Return the link if it may be used now; refuse what is unknown, used, replaced or too old, all alike."""
    if link is None or link.used_at is not None or link.ended_at is not None or link.expires_at <= now:
        raise not_valid()
    return link


def not_valid() -> Refused:
    """The one refusal for every link that cannot be used."""
    return Refused(
        codes.LINK_NOT_VALID, "This link has been used or is too old. Please ask for a new one and use that."
    )


def _issue(
    session: Session,
    customers: list[Customer],
    *,
    purpose: LinkPurpose,
    now: datetime,
    life: timedelta,
    link_secret: str,
) -> None:
    first = customers[0]
    address = EmailAddress(written=first.email or "", key=first.email_key or "")
    add_link(session, address, customers, purpose=purpose, now=now, life=life, link_secret=link_secret)


def add_link(
    session: Session,
    address: EmailAddress,
    customers: Sequence[Customer],
    *,
    purpose: LinkPurpose,
    now: datetime,
    life: timedelta,
    link_secret: str,
    replaces_key: str | None = None,
) -> Link:
    """Make a link to `address` and have it sent. `replaces_key` is the address of theirs that it is to replace."""
    link_id = new_id()
    link = Link(
        link_id=link_id,
        token_hash=tokens.token_hash(tokens.link_token(link_id, link_secret=link_secret)),
        purpose=purpose,
        email=address.written,
        email_key=address.key,
        issued_at=now,
        expires_at=now + life,
        replaces_key=replaces_key,
    )
    session.add(link)
    # Now, so that a second request for this address in the same transaction sees it and ends it.
    session.flush()
    first = customers[0]
    outbox.record(
        session,
        LinkIssued(
            link_id=link_id,
            email=link.email,
            name=first.name,
            purpose=purpose,
            expires_at=link.expires_at,
            customer_ids=[customer.customer_id for customer in customers],
        ),
        aggregate_id=link_id,
        aggregate_version=1,
        ordering_key=first.customer_id,
    )
    return link


def _requests_of(session: Session, network: str, *, since: datetime) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(LinkRequest)
            .where(LinkRequest.network == network, LinkRequest.requested_at > since)
        )
        or 0
    )


def _issued_to(session: Session, email_key: str, *, since: datetime) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(Link).where(Link.email_key == email_key, Link.issued_at > since)
        )
        or 0
    )
