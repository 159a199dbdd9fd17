"""One storm from its seed: customers pay while things go wrong, then calm, then the books are checked."""

import json
import os
import random
import secrets
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from contracts.billing import CreateInvoice, ImportInvoices, InvoiceLine, InvoiceRow, SendInvoice
from contracts.identity import CustomerRow, FindCustomers, ImportCustomers
from contracts.imports import RowResult
from contracts.wire import Refused
from porchlight.connection import Services
from porchlight.walk.outside import MailboxReader
from tests.support.chaos.bank import Bank
from tests.support.chaos.books import Books
from tests.support.chaos.diary import Diary
from tests.support.chaos.payer import Payer, Said
from tests.support.chaos.portal import Portal
from tests.support.chaos.troubles import Kinds, Troubles
from tests.support.processes import ROOT
from tests.support.signing_up import sign_up
from tests.support.tab import Tab
from tests.support.waiting import eventually

TABS = 2
CALM_S = 90.0
# Longer than a bank may take, than a payment may be finished, than the reconciler's second and third pause.
PASSING_MINUTES = (31, 120, 25 * 60, 25 * 60)


class Storm:
    """`customers` people with two tabs each, owing `invoices` each, on a running portal that others may use as well.

    `processes` are those that must be ready in the calm, `payments` those among them that do payments' work.
    """

    def __init__(
        self,
        portal: Portal,
        services: Services,
        seed: int,
        *,
        processes: Sequence[str],
        payments: Sequence[str],
        customers: int,
        invoices: int,
    ) -> None:
        self.seed = seed
        self.diary = Diary()
        self._chance = random.Random(seed)
        self._portal = portal
        self._processes = processes
        self._payments = payments
        self._services = services
        self._tag = secrets.token_hex(3)
        self._today = services.today()
        self._bank = Bank(
            portal.url("sandbox"), portal.variables["STRIPE_SECRET_KEY"], portal.variables["STRIPE_PUBLISHABLE_KEY"]
        )
        self._mailbox = MailboxReader(portal.url("sandbox"))
        self._said = Said()
        self._emails = [f"payer{number}.{self._tag}@customers.example" for number in range(customers)]
        self._customers = self._move_in(invoices)
        self._books = Books(portal, self._customers)
        self._payers = [self._payer(number, tab) for number in range(customers) for tab in self._tabs(number)]

    def blow(self, kinds: Callable[[Troubles], Kinds], troubles: int, *, longest_delay_s: float) -> None:
        """Everybody pays, while one thing of these kinds after the other goes wrong."""
        # The first customer is known at Stripe before, the others become so in the midst of it.
        assert self._payers[0].pay()
        over = threading.Event()
        people = [threading.Thread(target=payer.pay_until, args=(over,)) for payer in self._payers]
        for person in people:
            person.start()
        makes = Troubles(self._portal, self._bank, self.diary, self._chance, longest_delay_s=longest_delay_s)
        try:
            for trouble in makes.draw(kinds(makes), troubles):
                makes.happen(trouble)
        finally:
            over.set()
            for person in people:
                person.join()

    def calm_down(self) -> None:
        """Everything runs, nothing fails, and time passes until payments has nothing left to ask."""
        self.diary.note("calm")
        self._bank.calm_down()
        eventually(lambda: all(map(self._portal.is_ready, self._processes)), timeout_s=CALL_READY_S)
        self._settle()
        for minutes in PASSING_MINUTES:
            if not self._books.left_open():
                break
            self.diary.note(f"{minutes} minutes pass")
            self._portal.stop(*self._payments)
            self._books.pass_time(minutes)
            # At its start it looks at once at what is due.
            self._portal.start(*self._payments)
            self._settle()
        # Everything that Stripe ever said, said again: late, twice, and in the wrong order.
        self._bank.repeat_webhooks()
        self._settle()
        self.diary.note("settled")

    def problems(self) -> list[str]:
        """What is wrong with the books; empty when they agree."""
        books = self._books
        at_stripe = {
            payment_id: amount
            for customer_id, received in self._bank.received_by_customer().items()
            if customer_id in self._customers
            for payment_id, amount in received.items()
        }
        problems = [f"left open: {each}" for each in books.left_open()]
        for name, received in (
            ("payments", books.received_in_payments()),
            ("billing", books.received_in_billing()),
            ("balance", books.received_in_balance()),
        ):
            problems += [
                f"payment {each}: {at_stripe.get(each)} at Stripe, {received.get(each)} in {name}"
                for each in at_stripe.keys() | received.keys()
                if at_stripe.get(each) != received.get(each)
            ]
        problems += [f"paid twice: {each}" for each in books.credits()]
        problems += [f"wrong sum: {each}" for each in books.wrong_invoices()]
        problems += [f"open in billing and balance, {each}" for each in books.open_differences()]
        problems += self._broken_words(set(at_stripe))
        problems += self._receipts(set(at_stripe))
        return problems + self._ledger() + self._inner_failures()

    def _broken_words(self, charged: set[str]) -> list[str]:
        """What customers were told, and was not so."""
        said, problems = self._said, []
        by_key = {row.key: row.payment_id for row in self._books.payments() if row.payment_id in charged and row.key}
        for key, (_, verdict) in said.of_key.items():
            if verdict == "nothing" and key in by_key:
                problems.append(f"told that nothing was charged, key {key[-6:]}, payment {by_key[key]} was")
            if verdict == "paid" and key not in by_key:
                problems.append(f"told that key {key[-6:]} was paid, it was not")
        for payment_id, verdicts in said.of_payment.items():
            if "nothing" in verdicts and payment_id in charged:
                problems.append(f"told that nothing was charged, payment {payment_id} was")
            if "paid" in verdicts and payment_id not in charged:
                problems.append(f"told that payment {payment_id} was received, it was not")
        begun = {row.payment_id for row in self._books.payments() if not row.refusal}
        problems += [f"led to a page of payment {each}, which was refused" for each in said.of_payment.keys() - begun]
        return problems + [f"led to {url}, which was not there" for url in said.missing]

    def _receipts(self, charged: set[str]) -> list[str]:
        receipts = self._books.receipts()
        problems = [f"payment {each} has {receipts[each]} receipts" for each in charged if receipts[each] != 1]
        problems += [f"a receipt for {each}, which was not charged" for each in receipts.keys() - charged]
        subjects = Counter(mail["subject"] for email in self._emails for mail in self._mailbox.all_to(email))
        arrived = sum(count for subject, count in subjects.items() if "receipt" in subject.lower())
        if arrived != len(charged):
            problems.append(f"{arrived} receipts in the mailboxes for {len(charged)} payments")
        return problems

    def _ledger(self) -> list[str]:
        check = subprocess.run(
            [sys.executable, "-m", "porchlight", "ledger", "check"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **self._portal.environment("migrate")},
            capture_output=True,
            text=True,
            timeout=CALM_S,
            check=False,
        )
        return [] if check.returncode == 0 else [f"ledger check ends with {check.returncode}: {check.stderr}"]

    def _inner_failures(self) -> list[str]:
        lines = self._portal.log("gateway").read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if '"unforeseen"' in line]
        return [f"the gateway failed: {entry}" for entry in found]

    def _settle(self) -> None:
        eventually(lambda: not self._bank.webhooks_waiting(), timeout_s=CALM_S)
        eventually(lambda: not self._books.rows("payments", _TO_APPLY, within_s=10), timeout_s=CALM_S)
        self._services.settle()
        eventually(lambda: not self._books.rows("notify", _QUEUED, within_s=90), timeout_s=CALM_S)

    def _move_in(self, invoices: int) -> list[str]:
        references = [f"CHAOS-{self._tag}-{number}" for number in range(len(self._emails))]
        people = [
            CustomerRow(row=number, reference=reference, name=f"Payer {number}", email=self._emails[number])
            for number, reference in enumerate(references)
        ]
        call = self._services.caller.call
        _all_taken(call(ImportCustomers(rows=people)))
        found = {each.reference: each.customer_id for each in call(FindCustomers(references=references))}
        customers = [found[reference] for reference in references]
        owed = [
            InvoiceRow(
                row=number,
                customer_id=customer_id,
                number=f"{self._tag}-{place}-{number}",
                issued_on=self._today - timedelta(days=40 - number),
                due_on=self._today - timedelta(days=10 - number),
                total_minor=self._chance.randint(50, 30_000),
            )
            for place, customer_id in enumerate(customers)
            for number in range(invoices)
        ]
        _all_taken(call(ImportInvoices(rows=owed)))
        self._services.settle()
        return customers

    def _payer(self, number: int, tab: Tab) -> Payer:
        return Payer(
            name=f"customer {number}",
            tab=tab,
            bank=self._bank,
            diary=self.diary,
            said=self._said,
            chance=random.Random(self._chance.random()),
            owe=_owing(self._services, self._customers[number], self._today, random.Random(self.seed)),
        )

    def _tabs(self, number: int) -> list[Tab]:
        """Tabs of different browsers, all logged in."""
        email, password = self._emails[number], f"orchard lantern {self._tag}"
        sign_up(self._portal, email, password)
        tabs = [Tab(self._portal.url("gateway")) for _ in range(TABS)]
        for tab in tabs:
            tab.log_in(email, password)
        return tabs


CALL_READY_S = 60.0
_TO_APPLY = """SELECT event_id FROM stripe_events JOIN payments ON object_id = stripe_intent_id
               WHERE next_try_at < :soon AND customer_id IN :customers"""
_QUEUED = """SELECT delivery_id FROM deliveries
             WHERE state = 'queued' AND next_try_at < :soon AND customer_id IN :customers"""


def _owing(services: Services, customer_id: str, today: date, chance: random.Random) -> Callable[[], None]:
    def owe() -> None:
        amount = chance.randint(50, 20_000)
        line = InvoiceLine(description="Mowing", unit_price_minor=amount, amount_minor=amount)
        draft = CreateInvoice(
            key=secrets.token_hex(8), customer_id=customer_id, issued_on=today, due_on=today, lines=[line]
        )
        try:
            services.caller.call(SendInvoice(invoice_id=services.caller.call(draft).summary.invoice_id))
        except Refused:
            # billing is away: the business tries again when the customer looks again.
            return

    return owe


def _all_taken(results: list[RowResult]) -> None:
    refused = [result for result in results if result.status == "refused"]
    assert not refused, refused
