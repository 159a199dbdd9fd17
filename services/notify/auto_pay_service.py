"""The entrypoints of notify for what auto-pay tells, a part of the service."""

from sqlalchemy.orm import Session

from chassis.clock import system_clock
from chassis.listening import listens
from contracts import payments as wire
from contracts.wire import Envelope
from services.notify.operations import auto_pay


class AutoPayEntrypoints:
    """Every event of auto-pay becomes a message to the customer."""

    @listens(wire.AutoPayEnrolled, preload=auto_pay.preload)
    def auto_pay_enrolled(self, session: Session, event: wire.AutoPayEnrolled, envelope: Envelope) -> None:
        """It is on."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())

    @listens(wire.AutoPayEnded, preload=auto_pay.preload)
    def auto_pay_ended(self, session: Session, event: wire.AutoPayEnded, envelope: Envelope) -> None:
        """It is off."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())

    @listens(wire.AutoPayPaused, preload=auto_pay.preload)
    def auto_pay_paused(self, session: Session, event: wire.AutoPayPaused, envelope: Envelope) -> None:
        """It waits for the customer."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())

    @listens(wire.AutoPayChargeUpcoming, preload=auto_pay.preload)
    def auto_pay_charge_upcoming(self, session: Session, event: wire.AutoPayChargeUpcoming, envelope: Envelope) -> None:
        """The notice of a charge."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())

    @listens(wire.AutoPayChargeSkipped, preload=auto_pay.preload)
    def auto_pay_charge_skipped(self, session: Session, event: wire.AutoPayChargeSkipped, envelope: Envelope) -> None:
        """An invoice above the maximum."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())

    @listens(wire.AutoPayChargeFailed, preload=auto_pay.preload)
    def auto_pay_charge_failed(self, session: Session, event: wire.AutoPayChargeFailed, envelope: Envelope) -> None:
        """A card that was not charged."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())

    @listens(wire.AutoPayCardExpiring, preload=auto_pay.preload)
    def auto_pay_card_expiring(self, session: Session, event: wire.AutoPayCardExpiring, envelope: Envelope) -> None:
        """A card that is about to expire."""
        auto_pay.tell(session, event, event_id=envelope.event_id, now=system_clock.now())
