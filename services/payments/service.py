"""The entrypoints of payments: each takes a message, calls one operation or query, and answers."""

from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy.orm import Session

from chassis import database, rpc
from chassis.clock import BusinessClock, ClockState, system_clock
from chassis.listening import listens
from chassis.providers import DatabaseProvider
from chassis.relay import OutboxRelay
from chassis.serving import Operable, answers
from chassis.working import wake, works
from contracts import payments as wire
from contracts.billing import PaymentAllocated
from contracts.identity import BusinessClockSet, ContactChanged
from contracts.imports import RowResult
from contracts.wire import Envelope
from services.payments import queries, worklist
from services.payments.auto_pay_service import AutoPayEntrypoints
from services.payments.clients.stripe_api import StripeProvider
from services.payments.operations import (
    add_card,
    allocations,
    cards,
    contacts,
    detaching,
    follow_up,
    pay,
    reconcile,
    record,
    remove_card,
    returns,
    settle_setup,
    setup_record,
    webhooks,
)
from services.payments.operations.auto_pay import charges, expiring
from services.payments.operations.tools import Tools
from services.payments.settings import PaymentsSettings


def tools_from(settings: PaymentsSettings) -> Tools:
    """Put together what the operations work with."""
    return Tools(
        database=database.shared(settings.database_url),
        provider=StripeProvider(
            secret_key=settings.stripe_secret_key,
            webhook_secret=settings.stripe_webhook_secret,
            api_base=settings.stripe_api_base,
            timeout_s=settings.stripe_timeout_s,
            max_network_retries=settings.stripe_retries,
        ),
        services=rpc.shared(settings.broker_url),
        business_clock=BusinessClock(settings.time_zone),
        system_clock=system_clock,
        currency=settings.currency,
        charge_rules=settings.charge_rules,
    )


class ToolsProvider(DependencyProvider):
    """Gives the process's one set of `Tools`, with its open connections to Stripe."""

    def setup(self) -> None:
        """Put them together; nothing is connected before it is used."""
        self._tools = tools_from(self.container.config["SETTINGS"])

    def get_dependency(self, worker_ctx: Any) -> Tools:
        """Return the `Tools`."""
        return self._tools


class PaymentsService(AutoPayEntrypoints, Operable):
    """Payments by card and by hand, saved cards, and Stripe's webhooks."""

    name = "payments"

    db = DatabaseProvider()
    tools = ToolsProvider()
    relay = OutboxRelay()

    @answers(wire.PayInvoices)
    def pay_invoices(self, command: wire.PayInvoices) -> wire.PaymentView:
        """Pay with a card."""
        return pay.pay_invoices(self.tools, command)

    @answers(wire.ContinuePayment)
    def continue_payment(self, command: wire.ContinuePayment) -> wire.PaymentView:
        """Go on after the bank's authentication."""
        return follow_up.continue_payment(self.tools, command)

    @answers(wire.CancelPayment)
    def cancel_payment(self, command: wire.CancelPayment) -> wire.PaymentView:
        """Give up a payment that waits for the customer."""
        return follow_up.cancel_payment(self.tools, command)

    @answers(wire.GetPayment)
    def get_payment(self, command: wire.GetPayment) -> wire.PaymentView:
        """One payment, as it is known here."""
        with self.db.read() as session:
            return queries.get_payment(session, command)

    @answers(wire.ListPayments)
    def list_payments(self, command: wire.ListPayments) -> wire.PaymentPage:
        """The customer's payments."""
        with self.db.read() as session:
            return queries.list_payments(session, command)

    @answers(wire.ListNeedingStaff)
    def list_needing_staff(self, command: wire.ListNeedingStaff) -> wire.NeedingStaffPage:
        """A page of the payments that people must look at."""
        with self.db.read() as session:
            return worklist.needing_staff(session, command)

    @answers(wire.ListCards)
    def list_cards(self, command: wire.ListCards) -> wire.CardsView:
        """The customer's saved cards."""
        with self.db.read() as session:
            return self._cards(session, command.customer_id)

    @answers(wire.AddCard)
    def add_card(self, command: wire.AddCard) -> wire.CardSetupView:
        """Save a card without paying."""
        return add_card.add_card(self.tools, command)

    @answers(wire.ContinueCardSetup)
    def continue_card_setup(self, command: wire.ContinueCardSetup) -> wire.CardSetupView:
        """Go on with a card after the bank's authentication."""
        return add_card.continue_card_setup(self.tools, command)

    @answers(wire.CancelCardSetup)
    def cancel_card_setup(self, command: wire.CancelCardSetup) -> wire.CardSetupView:
        """Give up adding a card that waits for the customer."""
        return add_card.cancel_card_setup(self.tools, command)

    @answers(wire.MakeCardDefault)
    def make_card_default(self, command: wire.MakeCardDefault) -> wire.CardsView:
        """Offer a card first."""
        with self.db.transaction() as session:
            cards.make_default(session, command)
            return self._cards(session, command.customer_id)

    @answers(wire.RemoveCard)
    def remove_card(self, command: wire.RemoveCard) -> wire.CardsView:
        """Forget a card."""
        with self.db.transaction() as session:
            remove_card.remove_card(session, command, present=self.tools.present(session))
            return self._cards(session, command.customer_id)

    @answers(wire.ListSucceededPayments)
    def list_succeeded_payments(self, command: wire.ListSucceededPayments) -> wire.SucceededPaymentsPage:
        """A page of the payments that were received, for proofs."""
        with self.db.read() as session:
            return queries.list_succeeded_payments(session, command)

    @answers(wire.RecordPayments)
    def record_payments(self, command: wire.RecordPayments) -> list[RowResult]:
        """Record payments received by hand."""
        return record.record_payments(self.tools, command)

    @answers(wire.ReceiveStripeWebhook)
    def receive_stripe_webhook(self, command: wire.ReceiveStripeWebhook) -> wire.WebhookTaken:
        """Store a webhook."""
        return webhooks.receive_stripe_webhook(self.tools, command)

    @listens(BusinessClockSet)
    def business_clock_set(self, session: Session, event: BusinessClockSet, envelope: Envelope) -> None:
        """Follow the business's clock."""
        state = ClockState(mode=event.mode, frozen_at=event.frozen_at, offset_s=event.offset_s, version=event.version)
        if self.tools.business_clock.follow(session, state):
            # Charges may have come due by that.
            wake(session, charges.WORKER)
            wake(session, expiring.WORKER)

    @listens(ContactChanged, preload=contacts.preload)
    def contact_changed(self, session: Session, event: ContactChanged, envelope: Envelope) -> None:
        """Keep the name and e-mail address for Stripe."""
        contacts.contact_changed(session, event, now=self.tools.system_clock.now())

    @listens(PaymentAllocated, preload=allocations.preload)
    def payment_allocated(self, session: Session, event: PaymentAllocated, envelope: Envelope) -> None:
        """Show what a payment was really put on."""
        allocations.payment_allocated(session, event, version=envelope.aggregate_version)

    @works(webhooks.WORKER, every_s=5)
    def apply_webhooks(self) -> bool:
        """Bring payments to the state that Stripe hinted at."""
        return webhooks.apply_webhooks(self.tools)

    @works(setup_record.WORKER, every_s=30)
    def settle_card_setups(self) -> bool:
        """Ask Stripe about cards whose saving is open."""
        return settle_setup.settle_due(self.tools)

    @works(detaching.WORKER, every_s=60)
    def detach_cards(self) -> bool:
        """Have Stripe forget removed cards."""
        return detaching.detach_due(self.tools)

    @works(contacts.WORKER, every_s=60)
    def tell_provider(self) -> bool:
        """Give Stripe changed contact data."""
        return contacts.tell_provider(self.tools)

    @works("returns", every_s=86_400)
    def look_over_returns(self) -> bool:
        """Find refunds and disputes that no webhook told of."""
        return returns.look_over(self.tools)

    @works("reconciler", every_s=30)
    def reconcile_due(self) -> bool:
        """Ask Stripe about payments whose outcome is open."""
        return reconcile.reconcile_due(self.tools)

    def _cards(self, session: Session, customer_id: str) -> wire.CardsView:
        today = self.tools.business_clock.today(session)
        return queries.list_cards(session, customer_id, currency=self.tools.currency, today=today)
