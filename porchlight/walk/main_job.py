"""Import, send, sign up, see what is owed, pay it, read the receipt: each step printed, the first failure ends it."""

import csv
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from contracts.balance import GetAccount
from contracts.billing import FindInvoices, SendInvoices
from contracts.identity import FindCustomers
from porchlight.connection import Caller
from porchlight.importing import customers, invoice_rows
from porchlight.importing.customers import import_customers
from porchlight.importing.invoice_rows import InvoiceFormat
from porchlight.importing.invoices import import_invoices
from porchlight.importing.source import Source
from porchlight.walk.browser import Browser, WalkFailed
from porchlight.walk.outside import MailboxReader, make_payment_method

CARD = "4242424242424242"
DECLINED_CARD = "4000000000009995"


@dataclass(kw_only=True)
class MainJob:
    """The walk. `settle` waits until every event has been handled everywhere; `say` prints a line.

    Everything is made anew under a random tag, so that it can be walked on a portal that is in use.
    """

    caller: Caller
    portal_url: str
    sandbox_url: str
    stripe_api_base: str
    today: date
    folder: Path
    settle: Callable[[], None]
    say: Callable[[str], None]
    tag: str = field(default_factory=lambda: secrets.token_hex(3))

    def __post_init__(self) -> None:
        self.email = f"walker.{self.tag}@customers.example"
        self.reference = f"W-{self.tag}"
        self.password = f"orchard lantern {self.tag}"
        self.numbers = {name: f"W{self.tag}-{name}" for name in ("past", "current", "draft", "stranger")}
        self.browser = Browser(self.portal_url)
        self.mailbox = MailboxReader(self.sandbox_url)
        self._step = 0

    def walk(self) -> None:
        """Go the whole way. Raises `WalkFailed`, `Refused` or whatever broke, after saying at which step."""
        for step in (
            self.import_customers_and_invoices,
            self.import_again_changes_nothing,
            self.nobody_is_written_to_about_history,
            self.sign_up_says_the_same_for_any_address,
            self.set_the_password_from_the_link,
            self.a_link_works_once,
            self.log_in,
            self.see_only_what_was_sent,
            self.send_an_invoice,
            self.open_an_invoice,
            self.drafts_and_other_peoples_invoices_do_not_exist,
            self.a_declined_card_is_not_charged,
            self.pay_the_balance,
            self.the_receipt_comes_by_email,
            self.the_balance_is_zero,
            self.the_account_history_shows_the_payment,
            self.paying_the_same_form_again_charges_nothing,
            self.log_out,
        ):
            with self._saying(step.__name__.replace("_", " ")):
                step()

    @contextmanager
    def _saying(self, what: str) -> Iterator[None]:
        self._step += 1
        started = time.monotonic()
        try:
            yield
        except Exception:
            self.say(f"FAILED  {self._step:2}  {what}")
            raise
        self.say(f"ok      {self._step:2}  {what}  ({time.monotonic() - started:.2f} s)")

    def import_customers_and_invoices(self) -> None:
        self._import()
        found = self.caller.call(FindCustomers(references=[self.reference]))
        _check(len(found) == 1, f"customer {self.reference} was imported once, found {len(found)}")
        self.customer_id = found[0].customer_id

    def import_again_changes_nothing(self) -> None:
        counts = self._import()
        changed = {what: count for what, count in counts.items() if count and not what.endswith("unchanged")}
        _check(not changed, f"a second import changes nothing, it did: {changed}")

    def nobody_is_written_to_about_history(self) -> None:
        self.settle()
        _check(not self.mailbox.all_to(self.email), "no e-mail goes out about imported history")

    def sign_up_says_the_same_for_any_address(self) -> None:
        self.browser.open("/")
        self.browser.expect("Log in")
        self.browser.follow("Sign Up")
        self.browser.submit("Submit", email=f"nobody.{self.tag}@customers.example")
        for_strangers = self.browser.text.replace(f"nobody.{self.tag}", "")
        self.browser.open("/sign-up")
        self.browser.submit("Submit", email=self.email)
        for_customers = self.browser.text.replace(f"walker.{self.tag}", "")
        _check(for_strangers == for_customers, "the page is the same whether or not the address is on file")

    def set_the_password_from_the_link(self) -> None:
        message = self.mailbox.wait_for(self.email, "your link")
        links = [link for link in message["links"] if "/set-password/" in link]
        _check(bool(links), f"the e-mail carries a link to set the password, it has {message['links']}")
        self.link = links[0]
        self.browser.open(self.link)
        self.browser.submit("Submit", password=self.password, again=self.password)

    def a_link_works_once(self) -> None:
        Browser(self.portal_url).open(self.link, status=410)

    def log_in(self) -> None:
        self.browser.open("/login")
        self.browser.expect("Contact Us")
        self.browser.submit("Log in", email=self.email, password=self.password)
        self.browser.expect("Past Due", "$182.50", "Contact Us")

    def see_only_what_was_sent(self) -> None:
        self.browser.open("/invoices")
        self.browser.expect(self.numbers["past"])
        self.browser.expect_not(self.numbers["current"], self.numbers["draft"], self.numbers["stranger"])

    def send_an_invoice(self) -> None:
        drafts = self.caller.call(FindInvoices(numbers=[self.numbers["current"]]))
        self.caller.call(SendInvoices(invoice_ids=[draft.invoice_id for draft in drafts]))
        self.settle()
        self.mailbox.wait_for(self.email, self.numbers["current"])
        self.browser.open("/")
        self.browser.expect("Past Due", "$182.50", "$267.00")

    def open_an_invoice(self) -> None:
        self.browser.open("/invoices")
        self.browser.follow(self.numbers["current"])
        self.browser.expect("$84.50", "Mowing and edging")
        self.invoice_path = self.browser.url.removeprefix(self.portal_url)

    def drafts_and_other_peoples_invoices_do_not_exist(self) -> None:
        found = self.caller.call(FindInvoices(numbers=[self.numbers["draft"], self.numbers["stranger"]]))
        _check(len(found) == 2, "the draft and the stranger's invoice are there for the business")
        own = self.caller.call(FindInvoices(numbers=[self.numbers["current"]]))[0].invoice_id
        for invoice in found:
            self.browser.open(self.invoice_path.replace(own, invoice.invoice_id), status=404)

    def a_declined_card_is_not_charged(self) -> None:
        self._pay_with(DECLINED_CARD, "267.00")
        self.browser.expect("Nothing was charged")
        self.settle()
        _check(self._balance_due_minor() == 26700, "a declined card leaves the balance as it was")

    def pay_the_balance(self) -> None:
        self.pay_fields = self._pay_with(CARD, "267.00")
        self.browser.expect("$267.00", "4242")
        self.receipt_url = self.browser.url

    def the_receipt_comes_by_email(self) -> None:
        message = self.mailbox.wait_for(self.email, "receipt")
        _check("$267.00" in message["text"], "the receipt names the amount that was paid")

    def the_balance_is_zero(self) -> None:
        self.settle()
        self.browser.open("/")
        self.browser.expect("Balance Due", "$0.00", "All paid")
        self.browser.expect_not("Past Due")
        _check(self._balance_due_minor() == 0, "the balance due is zero")

    def the_account_history_shows_the_payment(self) -> None:
        self.browser.follow("Account history")
        self.browser.follow("Everything")
        self.browser.expect("Account history", "4242", "\u2212$267.00", self.numbers["current"], self.numbers["past"])

    def paying_the_same_form_again_charges_nothing(self) -> None:
        self.browser.post("/pay", self.pay_fields)
        led_to = self.browser.url
        _check(led_to == self.receipt_url, f"the same form leads to the same receipt, it led to {led_to}")
        self.settle()
        account = self.caller.call(GetAccount(customer_id=self.customer_id))
        _check(account.account_balance_minor == 0, "the same form again moves no money")

    def log_out(self) -> None:
        self.browser.open("/")
        self.browser.submit("Log out")
        self.browser.open("/invoices")
        self.browser.expect("Log in")

    def _pay_with(self, card_number: str, amount: str) -> dict[str, object]:
        self.browser.open("/")
        self.browser.follow(f"Pay ${amount}")
        method = make_payment_method(self.stripe_api_base, self.browser.attribute("data-key"), card_number)
        return self.browser.submit("Pay $", payment_method=method)

    def _balance_due_minor(self) -> int:
        return self.caller.call(GetAccount(customer_id=self.customer_id)).balance_due_minor

    def _import(self) -> dict[str, int]:
        people = self.folder / "customers.csv"
        _write(
            people,
            [
                ["Client", "Full name", "E-mail", "Street"],
                [self.reference, "Wanda Walker", self.email, "14 Elm St"],
                [f"{self.reference}-other", "Steve Stranger", f"stranger.{self.tag}@customers.example", ""],
            ],
        )
        sheet = self.folder / "invoices.csv"
        day = "%m/%d/%Y"
        past, recent, later = (self.today + timedelta(days=days) for days in (-44, -2, 5))
        _write(
            sheet,
            [
                ["Client", "No", "Issued", "Due", "Sum", "What"],
                [self.reference, self.numbers["past"], *_days(past, day), "182.50", "Hedge trimming"],
                [self.reference, self.numbers["current"], *_days(later, day), "84.50", "Mowing and edging"],
                [self.reference, self.numbers["draft"], *_days(later, day), "50.00", "Leaf removal"],
                [f"{self.reference}-other", self.numbers["stranger"], *_days(recent, day), "75.00", "Aeration"],
            ],
        )
        columns = {"reference": "Client", "name": "Full name", "email": "E-mail", "address": "Street"}
        source = Source(people, columns=columns, required=customers.REQUIRED, optional=customers.OPTIONAL)
        report = import_customers(self.caller, source, dry_run=False, progress=lambda _: None)
        columns = {"customer": "Client", "number": "No", "issued_on": "Issued", "due_on": "Due", "total": "Sum"}
        source = Source(
            sheet,
            columns={**columns, "description": "What"},
            required=invoice_rows.REQUIRED,
            optional=invoice_rows.OPTIONAL,
        )
        how = InvoiceFormat(date_format=day, currency="USD", locale="en_US", create_customers=False)
        report_2 = import_invoices(self.caller, source, how, today=self.today, dry_run=False, progress=lambda _: None)
        bad_rows = [*report.bad_rows, *report_2.bad_rows]
        _check(not bad_rows, f"every row is taken, these were not: {bad_rows}")
        return {**report.counts, **report_2.counts}


def _check(holds: bool, claim: str) -> None:
    if not holds:
        raise WalkFailed(f"it does not hold that {claim}")


def _days(issued_on: date, day: str) -> tuple[str, str]:
    return issued_on.strftime(day), (issued_on + timedelta(days=30)).strftime(day)


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
