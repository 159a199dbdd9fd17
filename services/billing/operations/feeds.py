"""Calendar subscriptions: a secret address for each customer that wants one, renewed and ended by the customer."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts import codes
from contracts.billing import EndVisitFeed, GetVisitFeed, ReadVisitFeed, RenewVisitFeed, VisitFeed, VisitFeedView
from contracts.wire import Refused
from services.billing import store, visit_queries
from services.billing.domain import limits
from services.billing.domain.feed_tokens import feed_token, token_hash
from services.billing.models import VisitFeedRow

MOST_READS = 120
"""In an hour. Calendar programs come once in some hours, several devices of a family each for itself."""

_HOUR = timedelta(hours=1)


def get_feed(session: Session, command: GetVisitFeed, *, secret: str) -> VisitFeedView:
    """The subscription as it stands."""
    row = session.get(VisitFeedRow, command.customer_id)
    if row is None:
        return VisitFeedView(token=None)
    return VisitFeedView(token=feed_token(row.feed_id, secret=secret), made_at=row.made_at, read_at=row.read_at)


def renew_feed(session: Session, command: RenewVisitFeed, *, secret: str, now: datetime) -> VisitFeedView:
    """Give the subscription a new address, unless somebody else just did."""
    limits.check_id(command.customer_id, "customer_id")
    store.lock_account(session, command.customer_id)
    present = get_feed(session, GetVisitFeed(customer_id=command.customer_id), secret=secret)
    if present.token != command.former:
        return present
    _end(session, command.customer_id)
    feed_id = new_id()
    token = feed_token(feed_id, secret=secret)
    session.add(
        VisitFeedRow(
            customer_id=command.customer_id,
            feed_id=feed_id,
            token_hash=token_hash(token),
            made_at=now,
            hour_began_at=now,
            reads=0,
        )
    )
    return VisitFeedView(token=token, made_at=now)


def end_feed(session: Session, command: EndVisitFeed) -> VisitFeedView:
    """Its address works no longer."""
    limits.check_id(command.customer_id, "customer_id")
    store.lock_account(session, command.customer_id)
    _end(session, command.customer_id)
    return VisitFeedView(token=None)


def read_feed(session: Session, command: ReadVisitFeed, *, now: datetime, today: date) -> VisitFeed:
    """The visits behind a secret address. A stranger's guess costs one look at an index."""
    found = select(VisitFeedRow).where(VisitFeedRow.token_hash == token_hash(command.token)).with_for_update()
    row = session.scalar(found)
    if row is None:
        raise Refused(codes.NOT_FOUND, "There is no such calendar.")
    if now >= row.hour_began_at + _HOUR:
        row.hour_began_at, row.reads = now, 0
    if row.reads >= MOST_READS:
        wait_s = max(1, int((row.hour_began_at + _HOUR - now).total_seconds()))
        raise Refused(codes.THROTTLED, "This calendar was read too often. Try again later.", retry_after_s=wait_s)
    row.reads += 1
    row.read_at = now
    return visit_queries.feed(session, row.customer_id, today=today)


def _end(session: Session, customer_id: str) -> None:
    session.execute(
        delete(VisitFeedRow)
        .where(VisitFeedRow.customer_id == customer_id)
        .execution_options(synchronize_session="fetch")
    )
