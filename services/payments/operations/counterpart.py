"""A customer's counterpart at the provider: what cards are kept with and charged for."""

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.payments.clients.provider import Contact
from services.payments.models import Customer
from services.payments.operations.tools import Tools


def found_or_made(tools: Tools, customer_id: str) -> str:
    """Return the provider's id of the customer, made now if there is none; `keep` notes it. Raises as the provider."""
    with tools.database.read() as session:
        known = session.get(Customer, customer_id)
    if known is not None and known.stripe_customer_id is not None:
        return known.stripe_customer_id
    # The transaction is closed here: the provider may take seconds.
    contact = Contact(
        customer_id=customer_id,
        version=known.version if known else 0,
        name=known.name if known else None,
        email=known.email if known else None,
    )
    return tools.provider.create_customer(contact)


def keep(session: Session, customer_id: str, stripe_customer_id: str) -> str:
    """Note the customer's counterpart and return it; of two made at the same time, the first one noted stays."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Customer).values(
        customer_id=customer_id, version=0, attempts=0, stripe_customer_id=stripe_customer_id
    )
    kept = func.coalesce(Customer.stripe_customer_id, statement.excluded.stripe_customer_id)
    noted = session.execute(
        statement.on_conflict_do_update(index_elements=["customer_id"], set_={"stripe_customer_id": kept}).returning(
            Customer.stripe_customer_id
        )
    ).scalar_one()
    return noted or stripe_customer_id
