"""notify's entrypoints: each takes an event, a question or a wake-up, and calls one operation or query."""

from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy.orm import Session

from chassis import database, rpc
from chassis.clock import ClockState, system_clock
from chassis.listening import listens
from chassis.providers import ClockProvider, DatabaseProvider
from chassis.serving import Operable, answers
from chassis.working import works
from contracts import notify as wire
from contracts.billing import InvoiceSent, InvoiceVoided, PaymentAllocated
from contracts.identity import (
    BusinessClockSet,
    ContactChanged,
    EmailChanged,
    EmailChangeRequested,
    LinkIssued,
    PasswordChanged,
)
from contracts.payments import PaymentSucceeded
from contracts.wire import Envelope
from services.notify import contact_queries, queries
from services.notify.clients.addresses import mail_at
from services.notify.operations import contact, contacts, invoices, links, queueing, receipts, resending, security
from services.notify.operations.drafting import Drafting
from services.notify.operations.giving_way import GivingWay
from services.notify.operations.sending import Sender
from services.notify.settings import NotifySettings


def sender_from(settings: NotifySettings) -> Sender:
    """Put together what sends deliveries; nothing is connected before it is used."""
    return Sender(
        database=database.shared(settings.database_url),
        mail=mail_at(settings.mail_url),
        drafting=Drafting(composer=settings.composer, services=rpc.shared(settings.broker_url)),
        clock=system_clock,
    )


class SenderProvider(DependencyProvider):
    """Gives the process's one `Sender`, with its templates."""

    def setup(self) -> None:
        """Make it."""
        self._sender = sender_from(self.container.config["SETTINGS"])

    def get_dependency(self, worker_ctx: Any) -> Sender:
        """Return the `Sender`."""
        return self._sender


class GivingWayProvider(DependencyProvider):
    """Gives what tells the sender that events are being recorded, one a process."""

    def setup(self) -> None:
        """Make it."""
        self._giving_way = GivingWay()

    def get_dependency(self, worker_ctx: Any) -> GivingWay:
        """Return the `GivingWay`."""
        return self._giving_way


class NotifyService(Operable):
    """Messages to customers, and the record of each."""

    name = "notify"

    db = DatabaseProvider()
    clock = ClockProvider()
    sender = SenderProvider()
    giving_way = GivingWayProvider()

    @listens(ContactChanged, preload=contacts.preload)
    def contact_changed(self, session: Session, event: ContactChanged, envelope: Envelope) -> None:
        """Keep the newest contact data."""
        contacts.contact_changed(session, event, now=system_clock.now())

    @listens(InvoiceSent, preload=invoices.preload_sent)
    def invoice_sent(self, session: Session, event: InvoiceSent, envelope: Envelope) -> None:
        """Tell the customer about an invoice."""
        self.giving_way.note_recording()
        invoices.invoice_sent(session, event, now=system_clock.now())

    @listens(InvoiceVoided, preload=invoices.preload_voided)
    def invoice_voided(self, session: Session, event: InvoiceVoided, envelope: Envelope) -> None:
        """Tell nobody about an invoice that is void."""
        invoices.invoice_voided(session, event, now=system_clock.now())

    @listens(PaymentSucceeded, preload=receipts.preload)
    def payment_succeeded(self, session: Session, event: PaymentSucceeded, envelope: Envelope) -> None:
        """One half of a receipt."""
        receipts.payment_succeeded(session, event, now=system_clock.now())

    @listens(PaymentAllocated, preload=receipts.preload)
    def payment_allocated(self, session: Session, event: PaymentAllocated, envelope: Envelope) -> None:
        """The other half."""
        receipts.payment_allocated(session, event, now=system_clock.now())

    @listens(LinkIssued)
    def link_issued(self, session: Session, event: LinkIssued, envelope: Envelope) -> None:
        """Send a one-time link."""
        links.link_issued(session, event, now=system_clock.now())

    @listens(EmailChangeRequested)
    def email_change_requested(self, session: Session, event: EmailChangeRequested, envelope: Envelope) -> None:
        """Tell the present address."""
        security.email_change_requested(session, event, now=system_clock.now())

    @listens(EmailChanged)
    def email_changed(self, session: Session, event: EmailChanged, envelope: Envelope) -> None:
        """Tell the former address."""
        security.email_changed(session, event, now=system_clock.now())

    @listens(PasswordChanged)
    def password_changed(self, session: Session, event: PasswordChanged, envelope: Envelope) -> None:
        """Tell the owner of the log-in."""
        security.password_changed(session, event, now=system_clock.now())

    @listens(BusinessClockSet)
    def business_clock_set(self, session: Session, event: BusinessClockSet, envelope: Envelope) -> None:
        """Follow the business's clock."""
        state = ClockState(mode=event.mode, frozen_at=event.frozen_at, offset_s=event.offset_s, version=event.version)
        self.clock.follow(session, state)

    @works(queueing.WORK, every_s=5)
    def send_deliveries(self) -> bool:
        """Send what is queued, when a run of events has been recorded."""
        self.giving_way.wait_until_calm()
        return bool(self.sender.send_some())

    @answers(wire.ListDeliveries)
    def list_deliveries(self, command: wire.ListDeliveries) -> wire.DeliveryPage:
        """A page of deliveries."""
        with self.db.read() as session:
            return queries.deliveries(session, command, self.sender.drafting.subject)

    @answers(wire.ResendDelivery)
    def resend_delivery(self, command: wire.ResendDelivery) -> wire.DeliveryView:
        """Try a message again that nobody got."""
        with self.db.transaction() as session:
            delivery = resending.resend_delivery(session, command, now=system_clock.now())
            return queries.delivery_view(delivery, self.sender.drafting.subject)

    @answers(wire.CountDeliveries)
    def count_deliveries(self, command: wire.CountDeliveries) -> dict[str, int]:
        """Deliveries by state."""
        with self.db.read() as session:
            return queries.counts(session)

    @answers(wire.WriteToBusiness)
    def write_to_business(self, command: wire.WriteToBusiness) -> wire.ContactDone:
        """Keep a message to the business and pass it on."""
        with self.db.transaction() as session:
            return contact.write_to_business(
                session, command, business=self.sender.drafting.composer.business, now=system_clock.now()
            )

    @answers(wire.ListContactMessages)
    def list_contact_messages(self, command: wire.ListContactMessages) -> wire.ContactMessagePage:
        """A page of messages to the business."""
        with self.db.read() as session:
            return contact_queries.contact_messages(session, command)

    @answers(wire.MarkContactAnswered)
    def mark_contact_answered(self, command: wire.MarkContactAnswered) -> wire.ContactMessageView:
        """Note that a message was answered."""
        with self.db.transaction() as session:
            message = contact.mark_answered(session, command, now=system_clock.now())
            return contact_queries.contact_message_view(session, message)
