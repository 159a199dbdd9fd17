"""What Stripe knows of a customer: name and e-mail address, for its receipts, its dashboard and its fraud checks."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.wakeups import wake_at_commit
from contracts.identity import ContactChanged
from services.payments.clients.provider import Contact, ProviderRefused, ProviderUncertain
from services.payments.models import Customer
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

WORKER = "contacts"
BATCH = 20
_ASIDE = timedelta(minutes=5)
_TRIES_MAX = 10


def preload(session: Session, events: Sequence[ContactChanged]) -> None:
    """Load the customers of a whole batch with one query."""
    ids = {event.customer_id for event in events}
    query = select(Customer).where(Customer.customer_id.in_(ids)).order_by(Customer.customer_id).with_for_update()
    _loaded(session).update({customer.customer_id: customer for customer in session.execute(query).scalars()})


def contact_changed(session: Session, event: ContactChanged, *, now: datetime) -> None:
    """Take over newer contact data; where Stripe knows the customer, it is told soon."""
    customer = _loaded(session).get(event.customer_id) or session.get(Customer, event.customer_id)
    if customer is None:
        customer = Customer(customer_id=event.customer_id, version=0, attempts=0)
        session.add(customer)
    _loaded(session)[event.customer_id] = customer
    if event.version <= customer.version:
        return
    told = (customer.name, customer.email)
    customer.version, customer.name, customer.email = event.version, event.name, event.email
    if customer.stripe_customer_id is not None and told != (event.name, event.email):
        customer.next_try_at, customer.attempts = now, 0
        wake_at_commit(session, WORKER)


def _loaded(session: Session) -> dict[str, Customer]:
    # Those made in this batch are here too: the session would not find them before it is flushed.
    loaded: dict[str, Customer] = session.info.setdefault("customers", {})
    return loaded


def tell_provider(tools: Tools) -> bool:
    """Give Stripe the contact data that changed, at most `BATCH` customers; True when there may be more."""
    customers = _take_due(tools)
    for customer in customers:
        _tell(tools, customer)
    return len(customers) == BATCH


def _tell(tools: Tools, customer: Customer) -> None:
    contact = Contact(
        customer_id=customer.customer_id, version=customer.version, name=customer.name, email=customer.email
    )
    try:
        tools.provider.update_customer(customer.stripe_customer_id or "", contact)
    except ProviderUncertain as error:
        log.info("customer %s: Stripe is told later: %s", customer.customer_id, error)
        if customer.attempts < _TRIES_MAX:
            return
        log.error("customer %s: Stripe was not told of new contact data: %s", customer.customer_id, error)
    except ProviderRefused as refusal:
        log.error("customer %s: Stripe does not take the new contact data: %s", customer.customer_id, refusal)
    with tools.database.transaction() as session:
        row = session.get(Customer, customer.customer_id, with_for_update=True)
        # A change that came meanwhile has its own turn.
        if row is not None and row.version == customer.version:
            row.next_try_at = None


def _take_due(tools: Tools) -> Sequence[Customer]:
    now = tools.system_clock.now()
    due = select(Customer).where(Customer.next_try_at <= now)
    with tools.database.read() as session:
        if session.execute(due.limit(1)).first() is None:
            return []
    with tools.database.transaction() as session:
        customers = session.execute(due.limit(BATCH).with_for_update(skip_locked=True)).scalars().all()
        for customer in customers:
            # Back again by itself if Stripe does not answer, or this worker is killed.
            customer.next_try_at = now + _ASIDE
            customer.attempts += 1
    return customers
