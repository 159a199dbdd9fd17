"""The gateway alone: its settings for tests, a back end that records what it is asked, and views to answer with."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from contracts import codes
from contracts.balance import AccountView, ActivityPage, ActivityRow
from contracts.billing import (
    AllocationView,
    AmountDue,
    CreditPage,
    CreditUses,
    CreditView,
    InvoicePage,
    InvoiceSummary,
)
from contracts.identity import (
    AccountChoice,
    CustomerView,
    ProfileView,
    SessionOpened,
    SessionSummary,
    SessionView,
)
from contracts.payments import (
    CardSetupState,
    CardSetupView,
    CardsView,
    CardView,
    PaymentPage,
    PaymentView,
    ReturnKind,
    ReturnState,
    ReturnView,
)
from contracts.wire import Command, Refused
from gateway.settings import GatewaySettings

TODAY = date(2026, 7, 3)
NOW = datetime(2026, 7, 3, 14, 20, tzinfo=UTC)
ANA = "01980000-0000-7000-8000-00000000a0a0"
TOKEN = "token-of-a-session"


def gateway_settings(**changes: Any) -> GatewaySettings:
    """Settings of a business on loopback; `changes` replaces single ones."""
    values: dict[str, Any] = {
        "broker_url": "amqp://nobody@127.0.0.1:1/",
        "portal_url": "http://localhost",
        "secret_key": "kTq2-9vXr-signs-cookies-in-tests",
        "business_name": "Green Acres Lawn",
        "business_email": "office@greenacres.test",
        "business_phone": "(217) 555-0142",
        "business_address": "212 Prairie Ave, Springfield, IL 62704",
        "business_website": "https://greenacres.test",
        "time_zone": "America/Chicago",
        "stripe_publishable_key": "pk_test_of_the_tests",
    }
    return GatewaySettings(**(values | changes))


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)


class RecordingBackend:
    """Stands where the RPC client stands. Keeps every gather and every call, and answers as it was told to.

    An answer is a view, a Refused, or a function of the command. Who was not told to answer is unavailable.
    """

    def __init__(self) -> None:
        self.gathers: list[dict[str, Command[Any]]] = []
        self.calls: list[Command[Any]] = []
        self.timeouts_s: list[float] = []
        self._answers: dict[type[Command[Any]], Any] = {}
        self._away: set[str] = set()
        self.broker_away = False

    def answers(self, command: type[Command[Any]], answer: Any) -> None:
        self._answers[command] = answer

    def take_away(self, *services: str) -> None:
        self._away.update(services)

    def connect(self, timeout_s: float) -> None:
        if self.broker_away:
            raise ConnectionError("no broker at 127.0.0.1:1")

    def call(self, command: Command[Any], timeout_s: float = 2.0) -> Any:
        self.calls.append(command)
        self.timeouts_s.append(timeout_s)
        answer = self._answer(command)
        if isinstance(answer, Refused):
            raise answer
        return answer

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = 2.0) -> dict[str, Any]:
        self.gathers.append(dict(commands))
        self.timeouts_s.append(timeout_s)
        return {name: self._answer(command) for name, command in commands.items()}

    def asked(self, command: type[Command[Any]]) -> list[Any]:
        """Every command of that type, gathered or called, in order."""
        gathered = [each for gather in self.gathers for each in gather.values()]
        return [each for each in [*gathered, *self.calls] if type(each) is command]

    def _answer(self, command: Command[Any]) -> Any:
        if command.service in self._away or type(command) not in self._answers:
            return Refused(codes.UNAVAILABLE, "The service did not answer in time.", service=command.service)
        answer = self._answers[type(command)]
        try:
            return answer(command) if callable(answer) else answer
        except Refused as refused:
            return refused


class Browser(FlaskClient):
    """Fills forms in as a browser does: with the hidden fields of the page they are on."""

    def form_token(self, page="/login"):
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def submit(self, path, *, page=None, **fields):
        """Post `fields` to `path` with the form token of `page`."""
        return self.post(path, data={"csrf_token": self.form_token(page or path), **fields})

    def pay_fields(self, page="/pay"):
        """The hidden fields of the pay form, as a browser would send them."""
        return self.hidden_fields(page, "data-pay-form")

    def hidden_fields(self, page, mark):
        """The hidden fields of the page's form that has `mark` in it, as a browser would send them."""
        html = self.get(page).text
        start = html.rindex("<form", 0, html.index(mark) + 1)
        form = html[start : html.index("</form>", start)]
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        fields: dict[str, list[str]] = {}
        for name, value in found:
            fields.setdefault(name, []).append(value)
        return fields


def a_session(customer_id: str = ANA, *, accounts: tuple[AccountChoice, ...] = ()) -> SessionView:
    own = AccountChoice(customer_id=customer_id, reference="C-1007", name="Ana Whitfield")
    return SessionView(
        session_id="session-1",
        customer_id=customer_id,
        email="ana@example.test",
        name="Ana Whitfield",
        reference="C-1007",
        accounts=list(accounts) or [own],
        expires_at=NOW + timedelta(days=14),
    )


def an_opened_session(customer_id: str = ANA) -> SessionOpened:
    return SessionOpened(session_token=TOKEN, session=a_session(customer_id))


def an_invoice(number: str = "1042", **changes: Any) -> InvoiceSummary:
    """A sent invoice of $84.50, open, due in a week."""
    values: dict[str, Any] = {
        "invoice_id": f"invoice-{number}",
        "customer_id": ANA,
        "number": number,
        "state": "sent",
        "currency": "USD",
        "total_minor": 8450,
        "open_minor": 8450,
        "processing_minor": 0,
        "issued_on": date(2026, 6, 26),
        "due_on": date(2026, 7, 10),
        "past_due": False,
        "description": "Mowing and edging",
        "sent_at": NOW - timedelta(days=7),
    }
    return InvoiceSummary(**(values | changes))


def an_amount_due(
    *invoices: InvoiceSummary, latest: tuple[InvoiceSummary, ...] | None = None, credits_minor: int = 0
) -> AmountDue:
    """What billing answers for these open invoices; `latest` are the same unless given."""
    due = sum(each.open_minor for each in invoices)
    processing = sum(each.processing_minor for each in invoices)
    return AmountDue(
        customer_id=ANA,
        currency="USD",
        balance_due_minor=due,
        past_due_minor=sum(each.open_minor for each in invoices if each.past_due),
        processing_minor=processing,
        payable_minor=due - processing,
        invoices=list(invoices),
        as_of=TODAY,
        latest=list(invoices if latest is None else latest),
        credits_minor=credits_minor,
        auto_apply_credits=False,
        minimum_partial_minor=100,
    )


def an_invoice_page(*invoices: InvoiceSummary, next_cursor: str | None = None) -> InvoicePage:
    return InvoicePage(invoices=list(invoices), as_of=TODAY, next_cursor=next_cursor)


def a_credit(**changes: Any) -> CreditUses:
    """$25.00 of goodwill, of which $13.00 went to invoice 1042."""
    values: dict[str, Any] = {
        "credit_id": "credit-1",
        "customer_id": ANA,
        "kind": "goodwill",
        "currency": "USD",
        "amount_minor": 2500,
        "open_minor": 1200,
        "granted_on": date(2026, 6, 20),
        "reason": "Gate left open, with our apologies",
    }
    allocations = changes.pop("allocations", [a_credit_use()])
    further_uses = changes.pop("further_uses", 0)
    return CreditUses(credit=CreditView(**(values | changes)), allocations=allocations, further_uses=further_uses)


def a_credit_use(**changes: Any) -> AllocationView:
    values: dict[str, Any] = {
        "allocation_id": "allocation-credit-1",
        "source": "credit",
        "source_id": "credit-1",
        "invoice_id": "invoice-1042",
        "invoice_number": "1042",
        "amount_minor": 1300,
        "effective_on": date(2026, 6, 26),
    }
    return AllocationView(**(values | changes))


def a_credit_page(*credits: CreditUses, **changes: Any) -> CreditPage:
    values: dict[str, Any] = {
        "credits": list(credits),
        "currency": "USD",
        "open_minor": sum(each.credit.open_minor for each in credits),
        "as_of": TODAY,
    }
    return CreditPage(**(values | changes))


def an_activity_row(**changes: Any) -> ActivityRow:
    values: dict[str, Any] = {
        "event_id": "event-1",
        "kind": "invoice",
        "source_id": "invoice-1042",
        "reference": "1042",
        "description": "Invoice 1042",
        "effective_on": date(2026, 6, 26),
        "occurred_at": NOW - timedelta(days=7),
        "amount_minor": 8450,
        "running_balance_minor": 26700,
    }
    return ActivityRow(**(values | changes))


def an_account(**changes: Any) -> AccountView:
    """$267.00 due, nothing late, no credits."""
    values: dict[str, Any] = {
        "customer_id": ANA,
        "currency": "USD",
        "balance_due_minor": 26700,
        "past_due_minor": 0,
        "credits_minor": 0,
        "account_balance_minor": 26700,
        "open_invoices": 3,
        "as_of": TODAY,
        "included": True,
        "activity": [an_activity_row()],
    }
    return AccountView(**(values | changes))


def an_activity_page(*rows: ActivityRow, **changes: Any) -> ActivityPage:
    values: dict[str, Any] = {"rows": list(rows), "currency": "USD", "as_of": TODAY}
    return ActivityPage(**(values | changes))


def a_card(**changes: Any) -> CardView:
    values: dict[str, Any] = {
        "card_id": "card-visa",
        "brand": "visa",
        "last4": "4242",
        "exp_month": 8,
        "exp_year": 2028,
        "is_default": True,
    }
    return CardView(**(values | changes))


def a_card_setup(state: CardSetupState = "succeeded", **changes: Any) -> CardSetupView:
    values: dict[str, Any] = {"setup_id": "setup-1", "customer_id": ANA, "state": state}
    return CardSetupView(**(values | changes))


def some_cards(*cards: CardView) -> CardsView:
    return CardsView(cards=list(cards), currency="USD", minimum_minor=50)


def a_payment(state: str = "succeeded", **changes: Any) -> PaymentView:
    values: dict[str, Any] = {
        "payment_id": "payment-1",
        "customer_id": ANA,
        "state": state,
        "method": "card",
        "currency": "USD",
        "amount_minor": 8450,
        "excess_minor": 0,
        "invoices": [],
        "created_at": NOW,
        "received_on": TODAY if state == "succeeded" else None,
        "card_brand": "visa",
        "card_last4": "4242",
        "settled": state in ("succeeded", "failed", "cancelled"),
    }
    return PaymentView(**(values | changes))


def a_return(kind: ReturnKind, state: ReturnState, amount_minor: int) -> ReturnView:
    return ReturnView(
        return_id=f"{kind}-{amount_minor}", kind=kind, state=state, amount_minor=amount_minor, effective_on=TODAY
    )


def a_payment_page(*payments: PaymentView) -> PaymentPage:
    return PaymentPage(
        payments=list(payments), processing_minor=sum(each.amount_minor for each in payments if not each.settled)
    )


def a_profile(customer_id: str = ANA, **changes: Any) -> ProfileView:
    """Ana's, signed in here and on a telephone."""
    customer = CustomerView(
        customer_id=customer_id,
        reference="C-1007",
        name="Ana Whitfield",
        email="ana@example.test",
        phone="(607) 555-0142",
        address="14 Elm St, Maple Falls, NY 13902",
        contact_version=3,
    )
    values: dict[str, Any] = {
        "customer": customer,
        "sessions": [
            SessionSummary(
                session_id=f"session-{number}",
                opened_at=NOW - timedelta(hours=number),
                last_seen_at=NOW,
                ip_address="192.0.2.7",
                user_agent=agent,
                is_current=number == 1,
            )
            for number, agent in enumerate((FIREFOX, IPHONE), start=1)
        ],
        "password_set_at": NOW - timedelta(days=20),
        "signed_up_at": NOW - timedelta(days=20),
    }
    return ProfileView(**(values | changes))
