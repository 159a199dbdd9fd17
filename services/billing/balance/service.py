"""balance's entrypoints: events in, figures out. Each calls one operation or query."""

import time
from datetime import date

from sqlalchemy.orm import Session

from chassis import deferred
from chassis.clock import ClockState
from chassis.currency import one_currency
from chassis.listening import listens
from chassis.providers import ClockProvider, DatabaseProvider, RpcProvider, SettingsProvider
from chassis.relay import OutboxRelay
from chassis.serving import Operable, answers
from contracts import balance as wire
from contracts import billing, payments
from contracts.identity import BusinessClockSet
from contracts.wire import Envelope
from services.billing.balance import audit, operations, queries
from services.billing.balance.explaining import explain
from services.billing.balance.models import AccountRow
from services.billing.balance.owners import OwnersByRpc
from services.billing.balance.statements import statement

INCLUDE_WAIT_S = 0.5
INCLUDE_PAUSE_S = 0.02

LedgerEvent = (
    billing.InvoiceSent
    | billing.InvoiceVoided
    | billing.PaymentAllocated
    | billing.CreditCreated
    | billing.CreditApplied
    | billing.AllocationsReversed
    | payments.PaymentSucceeded
    | payments.MoneyReturned
    | payments.MoneyRestored
)
"""The events that the ledger is made of."""


class BalanceService(Operable):
    """The ledger, and what follows from it."""

    name = "balance"

    db = DatabaseProvider()
    clock = ClockProvider()
    rpc = RpcProvider()
    settings = SettingsProvider()
    relay = OutboxRelay()

    start_checks = (one_currency(AccountRow.currency),)

    @answers(wire.GetAccount)
    def get_account(self, command: wire.GetAccount) -> wire.AccountView:
        included = self._wait_for(command.must_include)
        with self.db.read() as session:
            return queries.account(
                session,
                customer_id=command.customer_id,
                currency=self.settings.currency,
                today=self.clock.today(session),
                activity_limit=command.activity_limit,
                included=included,
                months=command.months,
            )

    @answers(wire.GetStatement)
    def get_statement(self, command: wire.GetStatement) -> wire.StatementView:
        included = self._wait_for(command.must_include)
        with self.db.snapshot() as session:
            today = self.clock.today(session)
            return statement(session, command, currency=self.settings.currency, today=today, included=included)

    @answers(wire.ExplainFigure)
    def explain_figure(self, command: wire.ExplainFigure) -> wire.FigureView:
        included = self._wait_for(command.must_include)
        with self.db.snapshot() as session:
            today = self.clock.today(session)
            return explain(session, command, currency=self.settings.currency, today=today, included=included)

    @answers(wire.ListActivity)
    def list_activity(self, command: wire.ListActivity) -> wire.ActivityPage:
        included = self._wait_for(command.must_include)
        with self.db.read() as session:
            return queries.activity(
                session,
                customer_id=command.customer_id,
                currency=self.settings.currency,
                today=self.clock.today(session),
                cursor=command.cursor,
                limit=command.limit,
                included=included,
            )

    @answers(wire.ListAccounts)
    def list_accounts(self, command: wire.ListAccounts) -> wire.AccountsPage:
        with self.db.read() as session:
            today = self.clock.today(session)
            as_of: date = command.as_of or today
            return queries.accounts(
                session,
                as_of=as_of,
                is_today=as_of == today,
                currency=self.settings.currency,
                cursor=command.cursor,
                limit=command.limit,
            )

    @answers(wire.CheckLedger)
    def check_ledger(self, command: wire.CheckLedger) -> wire.LedgerCheck:
        return audit.check(self.db, OwnersByRpc(self.rpc))

    @answers(wire.RebuildLedger)
    def rebuild_ledger(self, command: wire.RebuildLedger) -> wire.LedgerCheck:
        return audit.rebuild(self.db, OwnersByRpc(self.rpc), currency=self.settings.currency)

    @listens(billing.InvoiceSent)
    @listens(billing.InvoiceVoided)
    @listens(billing.PaymentAllocated)
    @listens(billing.CreditCreated)
    @listens(billing.CreditApplied)
    @listens(billing.AllocationsReversed)
    @listens(payments.PaymentSucceeded)
    @listens(payments.MoneyReturned)
    @listens(payments.MoneyRestored)
    def post(self, session: Session, event: LedgerEvent, envelope: Envelope) -> None:
        own = self.settings.currency
        if event.currency != own:
            raise ValueError(f"event {envelope.event_id} is in {event.currency}, the ledger in {own}")
        deferred.collect(session, operations.post, (event, envelope))

    @listens(BusinessClockSet)
    def follow_clock(self, session: Session, event: BusinessClockSet, envelope: Envelope) -> None:
        self.clock.follow(
            session,
            ClockState(mode=event.mode, frozen_at=event.frozen_at, offset_s=event.offset_s, version=event.version),
        )

    def _wait_for(self, source_ids: list[str]) -> bool:
        give_up_at = time.monotonic() + INCLUDE_WAIT_S
        while True:
            with self.db.read() as session:
                if queries.includes(session, source_ids):
                    return True
            if time.monotonic() > give_up_at:
                return False
            time.sleep(INCLUDE_PAUSE_S)
