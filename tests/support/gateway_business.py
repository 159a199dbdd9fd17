"""A small lawn-care business behind the gateway, in memory: it keeps what was paid, so that pages can be walked.

It knows the rules that pages depend on (one charge a key, one payment an invoice, no payment of a stale amount) and
none of the rest. Cards are told apart by payment method: those of Stripe's test numbers decline or ask for 3-D Secure.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import msgspec

from contracts import balance, billing, codes, identity, notify, payments
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA, NOW, TODAY, TOKEN, RecordingBackend
from tests.support.gateway_balance import figure_of, some_months, statement_of
from tests.support.gateway_jobs import OPEN_JOBS, paid_jobs
from tests.support.gateway_notifications import a_consent_entry, some_notifications
from tests.support.gateway_previews import apply_credits, preview
from tests.support.gateway_visits import VisitBook
from tests.support.gateway_wallet import Wallet

EMAIL = "ana@example.test"
PASSWORD = "a lawn is never finished"
LINK = "link-of-ana"
LAKE_HOUSE = "01980000-0000-7000-8000-00000000b0b0"

DECLINED, NEEDS_BANK = "pm_declined", "pm_needs_bank"

_DECLINE = payments.Decline(
    code="card_declined",
    decline_code="insufficient_funds",
    message="Your card has not enough funds for this payment.",
    next_step="Try another card, or ask your bank.",
)


class Business(RecordingBackend):
    """The back end that remembers. `paid_up`: nothing is open. `fresh`: a customer without any history."""

    def __init__(self, *, paid_up: bool = False, fresh: bool = False) -> None:
        super().__init__()
        self.signed_in: set[str] = {TOKEN}
        self.account_of: dict[str, str] = {TOKEN: ANA}
        self.invoices: dict[str, billing.InvoiceSummary] = {}
        self.payments: dict[str, payments.PaymentView] = {}
        self.by_key: dict[str, tuple[payments.PayInvoices, str]] = {}
        self.applied_by_key: dict[str, billing.AppliedCredits] = {}
        self.activity: list[balance.ActivityRow] = []
        self.cards = [
            views.a_card(),
            views.a_card(
                card_id="card-mc",
                brand="mastercard",
                last4="4444",
                exp_month=2,
                exp_year=2026,
                is_default=False,
                expired=True,
            ),
        ]
        self.credits_minor = 0
        self.password = PASSWORD
        self.balance_is_behind = False
        self._ids = count(1)
        if not fresh:
            self._history(paid_up)
        else:
            self.cards = []
        self.wallet = Wallet(self.cards)
        self.visits = VisitBook(fresh=fresh)
        self._register()

    def charged_minor(self) -> int:
        """What all cards have been charged through the pages."""
        return sum(
            each.amount_minor
            for each in self.payments.values()
            if each.method == "card" and each.settled and each.state == "succeeded" and each.created_at == NOW
        )

    def _register(self) -> None:
        handlers: tuple[tuple[type, Callable[[Any], Any]], ...] = (
            (identity.CheckSession, self._check_session),
            (identity.LogIn, self._log_in),
            (identity.LogOut, lambda command: identity.Done()),
            (identity.RequestLink, lambda command: identity.Done()),
            (identity.InspectLink, self._inspect_link),
            (identity.SetPassword, self._set_password),
            (identity.SwitchAccount, self._switch_account),
            (identity.GetProfile, lambda command: views.a_profile(command.customer_id)),
            (balance.ListActivity, lambda command: views.an_activity_page(*self.activity)),
            (payments.ListAutoPayConsents, lambda command: payments.ConsentHistory(records=[])),
            (billing.ListVisits, lambda command: billing.VisitPage(visits=[], as_of=TODAY)),
            (notify.ListDeliveries, lambda command: notify.DeliveryPage(deliveries=[])),
            (notify.ListTexts, lambda command: notify.TextPage(texts=[])),
            (notify.ListContactMessages, lambda command: notify.ContactMessagePage(messages=[])),
            (notify.GetNotifications, lambda command: some_notifications(history=[a_consent_entry()])),
            (balance.GetAccount, self._get_account),
            (balance.GetStatement, lambda command: statement_of(self, command)),
            (balance.ExplainFigure, lambda command: figure_of(self, command)),
            (billing.GetAmountDue, self._get_amount_due),
            (billing.PreviewAllocation, lambda command: preview(self, command)),
            (billing.ApplyCredits, lambda command: apply_credits(self, command)),
            (billing.ListInvoices, self._list_invoices),
            (billing.GetInvoice, self._get_invoice),
            (billing.ListCredits, lambda command: self._list_credits()),
            (payments.ListPayments, self._list_payments),
            (payments.GetPayment, lambda command: self._payment(command.payment_id)),
            (payments.PayInvoices, self._pay),
            (payments.ContinuePayment, lambda command: self._succeed(command.payment_id)),
            (payments.CancelPayment, self._cancel),
        )
        for command, answer in handlers:
            self.answers(command, answer)
        self.wallet.register(self)
        self.visits.register(self)

    # identity

    def _check_session(self, command: identity.CheckSession) -> identity.SessionView:
        if command.session_token not in self.account_of or command.customer_id not in (ANA, LAKE_HOUSE):
            raise Refused(codes.WRONG_CREDENTIALS, "The session is over.")
        return views.a_session(
            command.customer_id,
            accounts=(
                identity.AccountChoice(customer_id=ANA, reference="C-1007", name="Ana Whitfield, 14 Elm St"),
                identity.AccountChoice(customer_id=LAKE_HOUSE, reference="C-1019", name="Ana Whitfield, lake house"),
            ),
        )

    def _log_in(self, command: identity.LogIn) -> identity.SessionOpened:
        if (command.email, command.password) != (EMAIL, self.password):
            raise Refused(codes.WRONG_CREDENTIALS, "E-mail address and password do not belong together.")
        self.account_of[TOKEN] = ANA
        return views.an_opened_session()

    def _switch_account(self, command: identity.SwitchAccount) -> identity.SessionView:
        self.account_of[command.session_token] = command.customer_id
        return views.a_session(command.customer_id)

    def _inspect_link(self, command: identity.InspectLink) -> identity.LinkView:
        if command.token != LINK:
            raise Refused(codes.LINK_NOT_VALID, "The link does not work any more.")
        return identity.LinkView(purpose="sign_up", email=EMAIL, expires_at=NOW + timedelta(minutes=50))

    def _set_password(self, command: identity.SetPassword) -> identity.Done:
        if command.password.startswith("password"):
            raise Refused(codes.PASSWORD_TOO_WEAK, "Many people use this password. Choose one that is yours alone.")
        self.password = command.password
        return identity.Done()

    # billing and balance

    def _history(self, paid_up: bool) -> None:
        entries: list[tuple[date, balance.ActivityKind, str, str, int]] = []
        for number, total, issued, due, description in (*paid_jobs(), *OPEN_JOBS):
            invoice = views.an_invoice(
                number,
                total_minor=total,
                open_minor=total,
                issued_on=issued,
                due_on=due,
                description=description,
                past_due=due < TODAY,
            )
            self.invoices[invoice.invoice_id] = invoice
            entries.append((issued, "invoice", invoice.invoice_id, description, total))
            if paid_up or issued < OPEN_JOBS[0][2]:
                paid_on = min(due, TODAY)
                payment = views.a_payment(
                    payment_id=f"payment-{number}",
                    amount_minor=total,
                    received_on=paid_on,
                    created_at=NOW - timedelta(days=30),
                    invoices=[payments.PaidInvoice(invoice_id=invoice.invoice_id, number=number, amount_minor=total)],
                )
                self.payments[payment.payment_id] = payment
                self.invoices[invoice.invoice_id] = msgspec.structs.replace(invoice, open_minor=0, past_due=False)
                entries.append((paid_on, "payment", payment.payment_id, "Visa ·· 4242", -total))
        running = 0
        for on, kind, source, words, amount in sorted(entries, key=lambda entry: entry[0]):
            running += amount
            self._post(kind, source, words, on, amount, running)
        self.credits_minor = 0 if paid_up else 1200

    def _post(self, kind: balance.ActivityKind, source: str, words: str, on: date, amount: int, running: int) -> None:
        self.activity.insert(
            0,
            views.an_activity_row(
                event_id=f"event-{len(self.activity)}",
                kind=kind,
                source_id=source,
                reference=self.invoices[source].number if kind == "invoice" else "",
                description=words,
                effective_on=on,
                amount_minor=amount,
                running_balance_minor=running,
            ),
        )

    def open_invoices(self) -> list[billing.InvoiceSummary]:
        return sorted((each for each in self.invoices.values() if each.open_minor), key=lambda each: each.due_on)

    def _get_amount_due(self, command: billing.GetAmountDue) -> billing.AmountDue:
        latest = list(reversed(self.invoices.values()))[: command.latest_limit]
        due = views.an_amount_due(*self.open_invoices(), latest=tuple(latest), credits_minor=self.credits_minor)
        return msgspec.structs.replace(due, next_visits=self.visits.upcoming[:1] if command.visit_limit else [])

    def meant(self, invoice_ids: list[str] | None) -> list[billing.InvoiceSummary]:
        return [each for each in self.open_invoices() if invoice_ids is None or each.invoice_id in invoice_ids]

    def _list_invoices(self, command: billing.ListInvoices) -> billing.InvoicePage:
        keep: dict[str, Callable[[billing.InvoiceSummary], bool]] = {
            "all": lambda each: True,
            "open": lambda each: each.open_minor > 0,
            "past_due": lambda each: each.past_due,
            "paid": lambda each: each.open_minor == 0,
        }
        found = [each for each in reversed(self.invoices.values()) if keep[command.filter](each)]
        for word in command.search.lower().split():
            found = [each for each in found if word in f"{each.number} {each.description}".lower().split()]
        if command.sort == "oldest":
            found.reverse()
        start = int(command.cursor or 0)
        end = start + command.limit
        return views.an_invoice_page(*found[start:end], next_cursor=str(end) if len(found) > end else None)

    def _list_credits(self) -> billing.CreditPage:
        if not self.credits_minor:
            return views.a_credit_page()
        paid = next(iter(self.invoices.values()))
        use = views.a_credit_use(invoice_id=paid.invoice_id, invoice_number=paid.number)
        return views.a_credit_page(
            views.a_credit(open_minor=self.credits_minor, amount_minor=self.credits_minor + 1300, allocations=[use])
        )

    def _get_invoice(self, command: billing.GetInvoice) -> billing.InvoiceView:
        if command.invoice_id not in self.invoices:
            raise Refused(codes.NOT_FOUND, "There is no such invoice.")
        invoice = self.invoices[command.invoice_id]
        half = invoice.total_minor // 2
        lines = [
            billing.InvoiceLine(
                description="Mowing, front and back",
                quantity="2",
                unit_price_minor=half // 2,
                amount_minor=half,
                serviced_on=invoice.issued_on - timedelta(days=3),
            ),
            billing.InvoiceLine(
                description="Edging along the drive",
                quantity="1.5",
                unit_price_minor=round((invoice.total_minor - half) / 1.5),
                amount_minor=invoice.total_minor - half,
                serviced_on=invoice.issued_on,
            ),
        ]
        put_on_it = [
            billing.AllocationView(
                allocation_id=f"allocation-{each.payment_id}",
                source="payment",
                source_id=each.payment_id,
                invoice_id=invoice.invoice_id,
                invoice_number=invoice.number,
                amount_minor=part.amount_minor,
                effective_on=each.received_on or TODAY,
            )
            for each in self.payments.values()
            if each.state == "succeeded"
            for part in each.invoices
            if part.invoice_id == invoice.invoice_id
        ]
        return billing.InvoiceView(
            summary=invoice,
            lines=lines,
            allocations=put_on_it,
            as_of=TODAY,
            memo="Thank you. We come again on Tuesday, 8 to 10 am.",
        )

    def _get_account(self, command: balance.GetAccount) -> balance.AccountView:
        due = sum(each.open_minor for each in self.open_invoices())
        return views.an_account(
            balance_due_minor=due,
            past_due_minor=sum(each.open_minor for each in self.open_invoices() if each.past_due),
            credits_minor=self.credits_minor,
            account_balance_minor=due - self.credits_minor,
            open_invoices=len(self.open_invoices()),
            activity=self.activity[: command.activity_limit],
            months=some_months() if self.activity else [],
            included=not (self.balance_is_behind and command.must_include),
        )

    # payments

    def _list_payments(self, command: payments.ListPayments) -> payments.PaymentPage:
        return views.a_payment_page(*list(reversed(self.payments.values()))[: command.limit])

    def _payment(self, payment_id: str) -> payments.PaymentView:
        if payment_id not in self.payments:
            raise Refused(codes.NOT_FOUND, "There is no such payment.")
        return self.payments[payment_id]

    def _pay(self, command: payments.PayInvoices) -> payments.PaymentView:
        if command.key in self.by_key:
            first, payment_id = self.by_key[command.key]
            if first != command:
                raise Refused(codes.KEY_REUSED, "This key came before with another request.")
            return self.payments[payment_id]
        meant = self.meant(command.invoice_ids)
        if any(each.processing_minor for each in meant):
            raise Refused(codes.ALREADY_BEING_PAID, "Another payment is on its way.")
        owed = sum(each.open_minor for each in meant)
        if (command.amount_minor > owed and not command.allow_overpayment) or (
            command.amount_minor < owed and not command.allow_partial
        ):
            raise Refused(codes.STALE_AMOUNT, "The amount has changed.", open_minor=owed)
        payment_id = f"payment-{next(self._ids)}"
        self.by_key[command.key] = (command, payment_id)
        parts, left = [], command.amount_minor
        for each in meant:
            if part := min(left, each.open_minor):
                left -= part
                parts.append(payments.PaidInvoice(invoice_id=each.invoice_id, number=each.number, amount_minor=part))
        self.payments[payment_id] = views.a_payment(
            "processing",
            payment_id=payment_id,
            amount_minor=command.amount_minor,
            invoices=parts,
            settled=False,
            excess_minor=left,
        )
        if command.payment_method == DECLINED:
            return self._change(payment_id, state="failed", settled=True, decline=_DECLINE)
        for each in meant:
            self.invoices[each.invoice_id] = msgspec.structs.replace(each, processing_minor=each.open_minor)
        if command.payment_method == NEEDS_BANK:
            return self._change(payment_id, state="requires_action", client_secret=f"{payment_id}_secret_x")
        if command.save_card:
            self.cards.append(views.a_card(card_id="card-new", last4="1111", is_default=False))
        return self._succeed(payment_id)

    def _succeed(self, payment_id: str) -> payments.PaymentView:
        for part in self.payments[payment_id].invoices:
            invoice = self.invoices[part.invoice_id]
            left = invoice.open_minor - part.amount_minor
            self.invoices[part.invoice_id] = msgspec.structs.replace(
                invoice, open_minor=left, processing_minor=0, past_due=invoice.past_due and left > 0
            )
        for each in self.open_invoices():
            self.invoices[each.invoice_id] = msgspec.structs.replace(each, processing_minor=0)
        self.credits_minor += self.payments[payment_id].excess_minor
        amount = self.payments[payment_id].amount_minor
        running = (self.activity[0].running_balance_minor if self.activity else 0) - amount
        self._post("payment", payment_id, "Visa ·· 4242", TODAY, -amount, running)
        return self._change(payment_id, state="succeeded", settled=True, received_on=TODAY, client_secret=None)

    def _cancel(self, command: payments.CancelPayment) -> payments.PaymentView:
        for part in self.payments[command.payment_id].invoices:
            self.invoices[part.invoice_id] = msgspec.structs.replace(self.invoices[part.invoice_id], processing_minor=0)
        return self._change(command.payment_id, state="cancelled", settled=True, client_secret=None)

    def _change(self, payment_id: str, **changes: object) -> payments.PaymentView:
        self.payments[payment_id] = msgspec.structs.replace(self.payments[payment_id], **changes)
        return self.payments[payment_id]
