"""billing's entrypoints: each takes a message, calls one operation or query, and answers."""

from sqlalchemy.orm import Session

from chassis.clock import ClockState
from chassis.currency import one_currency
from chassis.listening import listens
from chassis.providers import ClockProvider, DatabaseProvider, SettingsProvider
from chassis.relay import OutboxRelay
from chassis.serving import Operable, answers
from contracts import billing as wire
from contracts.identity import BusinessClockSet
from contracts.imports import RowResult
from contracts.payments import MoneyRestored, MoneyReturned, PaymentCancelled, PaymentFailed, PaymentSucceeded
from contracts.wire import Envelope
from services.billing import credit_list, including, listing, previewing, proving, queries
from services.billing.models import InvoiceRow
from services.billing.operations import (
    allocating,
    applying,
    crediting,
    drafting,
    holding,
    importing,
    returning,
    sending,
    voiding,
)
from services.billing.visit_service import VisitEntrypoints


class BillingService(VisitEntrypoints, Operable):
    """Invoices, credits, allocations, holds and visits."""

    name = "billing"

    db = DatabaseProvider()
    clock = ClockProvider()
    settings = SettingsProvider()
    relay = OutboxRelay()

    start_checks = (one_currency(InvoiceRow.currency),)

    @answers(wire.ImportInvoices)
    def import_invoices(self, command: wire.ImportInvoices) -> list[RowResult]:
        """Create invoices by number and advance drafts."""
        with self.db.transaction() as session:
            return importing.import_invoices(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.CreateInvoice)
    def create_invoice(self, command: wire.CreateInvoice) -> wire.InvoiceView:
        """Write a draft."""
        with self.db.transaction() as session:
            return drafting.create_invoice(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.SendInvoice)
    def send_invoice(self, command: wire.SendInvoice) -> wire.InvoiceView:
        """Make a draft visible and owed."""
        with self.db.transaction() as session:
            return sending.send_invoice(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.SendInvoices)
    def send_invoices(self, command: wire.SendInvoices) -> list[RowResult]:
        """Send many drafts."""
        with self.db.transaction() as session:
            return sending.send_invoices(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.VoidInvoice)
    def void_invoice(self, command: wire.VoidInvoice) -> wire.InvoiceView:
        """Void a draft or sent invoice."""
        with self.db.transaction() as session:
            return voiding.void_invoice(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.HoldInvoices)
    def hold_invoices(self, command: wire.HoldInvoices) -> wire.HoldView:
        """Set invoices aside for one payment."""
        with self.db.transaction() as session:
            return holding.hold_invoices(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.ReleaseHold)
    def release_hold(self, command: wire.ReleaseHold) -> wire.HoldView | None:
        """Give a payment's invoices free."""
        with self.db.transaction() as session:
            return holding.release_hold(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.CreateCredit)
    def create_credit(self, command: wire.CreateCredit) -> wire.CreditView:
        """Grant a goodwill credit."""
        with self.db.transaction() as session:
            return crediting.create_credit(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.ApplyCredits)
    def apply_credits(self, command: wire.ApplyCredits) -> wire.AppliedCredits:
        """Put open credits on open invoices by the customer's own wish."""
        with self.db.transaction() as session:
            return applying.apply_credits(session, command, rules=self.settings.rules, moment=self._moment(session))

    @answers(wire.PreviewAllocation)
    def preview_allocation(self, command: wire.PreviewAllocation) -> wire.AllocationPreview:
        """What credits and a payment would do."""
        with self.db.read() as session:
            return previewing.preview_allocation(
                session, command, rules=self.settings.rules, moment=self._moment(session)
            )

    @answers(wire.FindInvoices)
    def find_invoices(self, command: wire.FindInvoices) -> list[wire.InvoiceSummary]:
        """Invoices by number, for the business."""
        with self.db.read() as session:
            return queries.find_invoices(session, command, today=self.clock.today(session))

    @answers(wire.ListDrafts)
    def list_drafts(self, command: wire.ListDrafts) -> wire.InvoicePage:
        """A page of what is not sent yet, for the business."""
        with self.db.read() as session:
            return queries.list_drafts(session, command, today=self.clock.today(session))

    @answers(wire.ListInvoices)
    def list_invoices(self, command: wire.ListInvoices) -> wire.InvoicePage:
        """A page of a customer's invoices."""
        included = including.wait_for(self.db, command.must_include)
        with self.db.read() as session:
            answer = listing.list_invoices(
                session, command, currency=self.settings.currency, today=self.clock.today(session)
            )
        return including.saying(answer, included)

    @answers(wire.ListCredits)
    def list_credits(self, command: wire.ListCredits) -> wire.CreditPage:
        """A page of a customer's credits."""
        included = including.wait_for(self.db, command.must_include)
        with self.db.read() as session:
            answer = credit_list.list_credits(
                session, command, rules=self.settings.rules, today=self.clock.today(session)
            )
        return including.saying(answer, included)

    @answers(wire.GetInvoice)
    def get_invoice(self, command: wire.GetInvoice) -> wire.InvoiceView:
        """One of a customer's invoices."""
        included = including.wait_for(self.db, command.must_include)
        with self.db.read() as session:
            answer = queries.get_invoice(session, command, today=self.clock.today(session))
        return including.saying(answer, included)

    @answers(wire.GetAmountDue)
    def get_amount_due(self, command: wire.GetAmountDue) -> wire.AmountDue:
        """What a customer could pay now."""
        included = including.wait_for(self.db, command.must_include)
        with self.db.read() as session:
            answer = queries.get_amount_due(
                session, command, rules=self.settings.rules, today=self.clock.today(session)
            )
        return including.saying(answer, included)

    @answers(wire.ListOpenAmounts)
    def list_open_amounts(self, command: wire.ListOpenAmounts) -> wire.OpenAmountsPage:
        """A page of what is open on invoices, for proofs."""
        with self.db.read() as session:
            return proving.list_open_amounts(session, command)

    @answers(wire.ListOpenCredits)
    def list_open_credits(self, command: wire.ListOpenCredits) -> wire.OpenCreditsPage:
        """A page of what is left of credits, for proofs."""
        with self.db.read() as session:
            return proving.list_open_credits(session, command)

    @answers(wire.ListAllocatedPayments)
    def list_allocated_payments(self, command: wire.ListAllocatedPayments) -> wire.AllocatedPaymentsPage:
        """A page of what became of payments, for proofs."""
        with self.db.read() as session:
            return proving.list_allocated_payments(session, command)

    @listens(PaymentSucceeded, preload=allocating.lock_all)
    def payment_succeeded(self, session: Session, event: PaymentSucceeded, envelope: Envelope) -> None:
        """Put a payment's money on invoices and give them free."""
        allocating.allocate_payment(session, event, rules=self.settings.rules, at=self.clock.now(session))

    @listens(MoneyReturned)
    def money_returned(self, session: Session, event: MoneyReturned, envelope: Envelope) -> None:
        """Take money that left again from where it was."""
        returning.take_back(session, event, rules=self.settings.rules, at=self.clock.now(session))

    @listens(MoneyRestored)
    def money_restored(self, session: Session, event: MoneyRestored, envelope: Envelope) -> None:
        """Put money that came back where it was, as far as that is open."""
        returning.restore(session, event, rules=self.settings.rules, at=self.clock.now(session))

    @listens(PaymentFailed)
    def payment_failed(self, session: Session, event: PaymentFailed, envelope: Envelope) -> None:
        """Give a failed payment's invoices free."""
        self._end_hold(session, event)

    @listens(PaymentCancelled)
    def payment_cancelled(self, session: Session, event: PaymentCancelled, envelope: Envelope) -> None:
        """Give a cancelled payment's invoices free."""
        self._end_hold(session, event)

    @listens(BusinessClockSet)
    def business_clock_set(self, session: Session, event: BusinessClockSet, envelope: Envelope) -> None:
        """Follow the business's clock."""
        state = ClockState(mode=event.mode, frozen_at=event.frozen_at, offset_s=event.offset_s, version=event.version)
        self.clock.follow(session, state)

    def _end_hold(self, session: Session, event: PaymentFailed | PaymentCancelled) -> None:
        holding.end_hold(
            session,
            event.payment_id,
            customer_id=event.customer_id,
            rules=self.settings.rules,
            at=self.clock.now(session),
        )
