"""notify's entrypoints: each takes an event, a question or a wake-up, and calls one operation or query."""

from typing import Any, cast

from nameko.extensions import DependencyProvider
from sqlalchemy.orm import Session

from chassis import database, rpc
from chassis.clock import ClockState, system_clock
from chassis.listening import listens
from chassis.providers import ClockProvider, DatabaseProvider, SettingsProvider
from chassis.serving import Operable, answers
from chassis.working import wake, works
from contracts import notify as wire
from contracts.billing import InvoiceSent, InvoiceVoided, PaymentAllocated, VisitChanged
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
from services.notify import contact_queries, queries, text_queries
from services.notify.auto_pay_service import AutoPayEntrypoints
from services.notify.clients.addresses import mail_at
from services.notify.domain.unsubscribe_tokens import UnsubscribeTokens
from services.notify.operations import (
    choosing,
    consenting,
    contact,
    contacts,
    incoming,
    invoices,
    links,
    queueing,
    receipts,
    resending,
    security,
    statements,
    text_reports,
    texts,
    unsubscribing,
    visit_reminders,
)
from services.notify.operations.drafting import Drafting
from services.notify.operations.giving_way import GivingWay
from services.notify.operations.reminding import Present
from services.notify.operations.sending import Sender
from services.notify.settings import NotifySettings
from services.notify.text_desk import TextDesk, text_desk_from


def sender_from(settings: NotifySettings) -> Sender:
    """Put together what sends deliveries; nothing is connected before it is used."""
    return Sender(
        database=database.shared(settings.database_url),
        mail=mail_at(settings.mail_url),
        drafting=Drafting(
            composer=settings.composer,
            services=rpc.shared(settings.broker_url),
            unsubscribe_tokens=UnsubscribeTokens(settings.unsubscribe_secret),
        ),
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


class TextDeskProvider(DependencyProvider):
    """Gives the process's one `TextDesk`."""

    def setup(self) -> None:
        """Make it; Twilio's library is taken in with the first text."""
        settings: NotifySettings = self.container.config["SETTINGS"]
        self._desk = text_desk_from(settings)

    def get_dependency(self, worker_ctx: Any) -> TextDesk:
        """Return the `TextDesk`."""
        return self._desk


class UnsubscribeTokensProvider(DependencyProvider):
    """Gives what reads and writes the secrets of unsubscribe links."""

    def setup(self) -> None:
        """Make it."""
        self._tokens = UnsubscribeTokens(self.container.config["SETTINGS"].unsubscribe_secret)

    def get_dependency(self, worker_ctx: Any) -> UnsubscribeTokens:
        """Return the `UnsubscribeTokens`."""
        return self._tokens


class NotifyService(AutoPayEntrypoints, Operable):
    """Messages to customers, and the record of each."""

    name = "notify"

    db = DatabaseProvider()
    clock = ClockProvider()
    settings = SettingsProvider()
    sender = SenderProvider()
    giving_way = GivingWayProvider()
    text_desk = TextDeskProvider()
    unsubscribe_tokens = UnsubscribeTokensProvider()

    def _present(self, session: Session) -> Present:
        return Present(now=system_clock.now(), business_now=self.clock.now(session))

    @listens(ContactChanged, preload=contacts.preload)
    def contact_changed(self, session: Session, event: ContactChanged, envelope: Envelope) -> None:
        """Keep the newest contact data."""
        contacts.contact_changed(session, event, region=self.text_desk.terms.region, now=system_clock.now())

    @listens(InvoiceSent, preload=invoices.preload_sent)
    def invoice_sent(self, session: Session, event: InvoiceSent, envelope: Envelope) -> None:
        """Tell the customer about an invoice."""
        self.giving_way.note_recording()
        invoices.invoice_sent(session, event, now=system_clock.now())
        statements.note_activity(session, event.customer_id, event.effective_on, event.origin)

    @listens(InvoiceVoided, preload=invoices.preload_voided)
    def invoice_voided(self, session: Session, event: InvoiceVoided, envelope: Envelope) -> None:
        """Tell nobody about an invoice that is void."""
        invoices.invoice_voided(session, event, now=system_clock.now())

    @listens(PaymentSucceeded, preload=receipts.preload)
    def payment_succeeded(self, session: Session, event: PaymentSucceeded, envelope: Envelope) -> None:
        """One half of a receipt."""
        receipts.payment_succeeded(session, event, now=system_clock.now())
        statements.note_activity(session, event.customer_id, event.effective_on, event.origin)

    @listens(PaymentAllocated, preload=receipts.preload)
    def payment_allocated(self, session: Session, event: PaymentAllocated, envelope: Envelope) -> None:
        """The other half."""
        receipts.payment_allocated(session, event, now=system_clock.now())

    @listens(VisitChanged, preload=visit_reminders.preload)
    def visit_changed(self, session: Session, event: VisitChanged, envelope: Envelope) -> None:
        """Plan the reminder of a visit."""
        visit_reminders.visit_changed(session, event, self.settings.reminding, self._present(session))

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
        if self.clock.follow(session, state):
            texts.look_again(session, now=system_clock.now())
            wake(session, visit_reminders.WORK)
            wake(session, statements.WORK)

    @works(visit_reminders.WORK, every_s=20)
    def remind_of_visits(self) -> bool:
        """Remind of the visits of tomorrow, once the hour has come."""
        with self.db.transaction() as session:
            return visit_reminders.remind_some(session, self.settings.reminding, self._present(session))

    @works(texts.WORK, every_s=5)
    def send_texts(self) -> bool:
        """Send the texts that are due."""
        return bool(self.text_desk.sender.send_some())

    @works(statements.WORK, every_s=60)
    def tell_statements(self) -> bool:
        """Tell last month's statements, once the month is over by the business's clock."""
        with self.db.read() as session:
            now = self.clock.now(session).astimezone(self.clock.time_zone)
            if not statements.is_any_due(session, now):
                return False
        with self.db.transaction() as session:
            return statements.tell_some(session, now, at=system_clock.now())

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

    @answers(wire.GetNotifications)
    def get_notifications(self, command: wire.GetNotifications) -> wire.NotificationsView:
        """What the Notifications page shows."""
        with self.db.read() as session:
            return cast(wire.NotificationsView, self.text_desk.view(session, command.customer_id))

    @answers(wire.TurnTextsOn)
    def turn_texts_on(self, command: wire.TurnTextsOn) -> wire.NotificationsView:
        """A customer agrees to texts."""
        with self.db.transaction() as session:
            consenting.turn_on(session, command, self.text_desk.terms, now=system_clock.now())
            session.flush()
            return cast(wire.NotificationsView, self.text_desk.view(session, command.customer_id))

    @answers(wire.TurnTextsOff)
    def turn_texts_off(self, command: wire.TurnTextsOff) -> wire.NotificationsView:
        """A customer wants no more texts."""
        with self.db.transaction() as session:
            consenting.turn_off(session, command, now=system_clock.now())
            session.flush()
            return cast(wire.NotificationsView, self.text_desk.view(session, command.customer_id))

    @answers(wire.ReceiveText)
    def receive_text(self, command: wire.ReceiveText) -> wire.TextAnswer:
        """A text from a phone."""
        self.text_desk.check_genuine(command)
        with self.db.transaction() as session:
            return incoming.receive(
                session,
                command,
                self.text_desk.terms,
                business=self.sender.drafting.composer.business,
                now=system_clock.now(),
            )

    @answers(wire.ReceiveTextStatus)
    def receive_text_status(self, command: wire.ReceiveTextStatus) -> wire.TextStatusTaken:
        """What became of a text."""
        self.text_desk.check_genuine(command)
        with self.db.transaction() as session:
            return text_reports.receive(session, command, now=system_clock.now())

    @answers(wire.ListTexts)
    def list_texts(self, command: wire.ListTexts) -> wire.TextPage:
        """A page of texts."""
        with self.db.read() as session:
            return text_queries.texts(session, command)

    @answers(wire.ChooseNotifications)
    def choose_notifications(self, command: wire.ChooseNotifications) -> wire.ChoicesView:
        """Which e-mails a customer wants."""
        with self.db.transaction() as session:
            return choosing.choose(session, command, now=system_clock.now())

    @answers(wire.InspectUnsubscribing)
    def inspect_unsubscribing(self, command: wire.InspectUnsubscribing) -> wire.Unsubscribing:
        """What an unsubscribe link would switch off."""
        with self.db.read() as session:
            return unsubscribing.inspect(session, command.token, self.unsubscribe_tokens)

    @answers(wire.Unsubscribe)
    def unsubscribe(self, command: wire.Unsubscribe) -> wire.Unsubscribing:
        """Switch one kind of e-mail off."""
        with self.db.transaction() as session:
            return unsubscribing.unsubscribe(session, command.token, self.unsubscribe_tokens, now=system_clock.now())
