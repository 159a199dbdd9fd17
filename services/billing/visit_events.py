"""The event of a visit: whatever happened, the whole visit as it is now."""

from datetime import datetime

from chassis.outbox import NewEvent
from contracts.billing import VisitChanged
from contracts.imports import Origin
from services.billing.domain.visit import Visit


def visit_changed(visit: Visit, *, at: datetime, origin: Origin) -> NewEvent:
    """The visit is as it is from now on. Counts up its version: write it after this."""
    version = visit.next_version(at=at)
    event = VisitChanged(
        visit_id=visit.visit_id,
        customer_id=visit.customer_id,
        version=version,
        state=visit.state,
        scheduled_on=visit.scheduled_on,
        arrives_from=visit.arrives_from,
        arrives_until=visit.arrives_until,
        service=visit.service,
        address=visit.address,
        crew_note=visit.crew_note,
        origin=origin,
    )
    return NewEvent(event=event, aggregate_id=visit.visit_id, aggregate_version=version, ordering_key=visit.customer_id)
