"""The entrypoints of auto-pay, a part of those of payments."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from chassis.listening import listens
from chassis.serving import answers
from chassis.working import works
from contracts import payments as wire
from contracts.billing import AllocationsReversed, CreditApplied, InvoiceSent, InvoiceVoided, PaymentAllocated
from contracts.wire import Envelope
from services.payments import auto_pay_queries
from services.payments.operations.auto_pay import charges, charging, choices, enrolment, expiring, invoices

if TYPE_CHECKING:
    from chassis.database import Database
    from services.payments.operations.tools import Tools


class AutoPayEntrypoints:
    """What payments answers, hears and does about auto-pay."""

    if TYPE_CHECKING:
        db: Database
        tools: Tools

    @answers(wire.GetAutoPay)
    def get_auto_pay(self, command: wire.GetAutoPay) -> wire.AutoPayView:
        """A customer's auto-pay and its coming charges."""
        with self.db.read() as session:
            present = self.tools.present(session)
            return auto_pay_queries.auto_pay_view(session, command.customer_id, present)

    @answers(wire.ListAutoPayConsents)
    def list_auto_pay_consents(self, command: wire.ListAutoPayConsents) -> wire.ConsentHistory:
        """What a customer agreed to."""
        with self.db.read() as session:
            return auto_pay_queries.consent_history(session, command.customer_id)

    @answers(wire.EnrollAutoPay)
    def enroll_auto_pay(self, command: wire.EnrollAutoPay) -> wire.AutoPayView:
        """Turn auto-pay on."""
        return enrolment.enroll(self.tools, command)

    @answers(wire.ChangeAutoPay)
    def change_auto_pay(self, command: wire.ChangeAutoPay) -> wire.AutoPayView:
        """Another card or maximum; a paused one goes on."""
        return enrolment.change(self.tools, command)

    @answers(wire.CancelAutoPay)
    def cancel_auto_pay(self, command: wire.CancelAutoPay) -> wire.AutoPayView:
        """Turn auto-pay off."""
        return enrolment.cancel(self.tools, command)

    @answers(wire.SkipCharge)
    def skip_charge(self, command: wire.SkipCharge) -> wire.AutoPayView:
        """Leave one invoice to be paid by hand."""
        return choices.skip(self.tools, command)

    @answers(wire.UnskipCharge)
    def unskip_charge(self, command: wire.UnskipCharge) -> wire.AutoPayView:
        """Charge a skipped invoice after all."""
        return choices.unskip(self.tools, command)

    @answers(wire.MoveCharge)
    def move_charge(self, command: wire.MoveCharge) -> wire.AutoPayView:
        """Charge one invoice on another day."""
        return choices.move(self.tools, command)

    @answers(wire.OptInvoiceIn)
    def opt_invoice_in(self, command: wire.OptInvoiceIn) -> wire.AutoPayView:
        """Charge an invoice that auto-pay would leave."""
        return choices.opt_in(self.tools, command)

    @listens(InvoiceSent, preload=invoices.preload)
    def invoice_sent(self, session: Session, event: InvoiceSent, envelope: Envelope) -> None:
        """Charge it when its day comes, where the customer's word covers it."""
        invoices.invoice_sent(session, event, recorded_at=envelope.occurred_at, rules=self.tools.charge_rules)

    @listens(InvoiceVoided, preload=invoices.preload)
    def invoice_voided(self, session: Session, event: InvoiceVoided, envelope: Envelope) -> None:
        """Charge nothing for it, whenever it is heard of as sent."""
        invoices.invoice_voided(session, event)

    @listens(PaymentAllocated, preload=invoices.preload)
    def payment_placed(self, session: Session, event: PaymentAllocated, envelope: Envelope) -> None:
        """Count what a payment put on invoices."""
        invoices.money_placed(session, event)

    @listens(CreditApplied, preload=invoices.preload)
    def credit_applied(self, session: Session, event: CreditApplied, envelope: Envelope) -> None:
        """Count what a credit put on invoices."""
        invoices.money_placed(session, event)

    @listens(AllocationsReversed, preload=invoices.preload)
    def allocations_reversed(self, session: Session, event: AllocationsReversed, envelope: Envelope) -> None:
        """Let a reopened invoice leave auto-pay."""
        invoices.allocations_reversed(session, event)

    @works(charges.WORKER, every_s=30)
    def charge_due(self) -> bool:
        """Tell of charges, make them and draw the conclusions."""
        return charging.charge_due(self.tools)

    @works(expiring.WORKER, every_s=300)
    def tell_expiring(self) -> bool:
        """Tell of cards that expire."""
        return expiring.tell_expiring(self.tools)
