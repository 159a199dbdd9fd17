"""A recording fake of the payment provider, with Stripe's rules as far as payments relies on them."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from chassis.clock import SystemClock
from services.payments.clients.provider import (
    Card,
    Contact,
    DeclineCodes,
    ForgedWebhook,
    Intent,
    NewIntent,
    ProviderRefused,
    ProviderUncertain,
    ReturnAtProvider,
    WebhookEvent,
)
from tests.support.payments_card_keeper import CANCELABLE, DECLINED, UNUSABLE, FakeCardKeeper, MadeSetup
from tests.support.payments_returns import FakeReturnTeller

_KEYS_KEPT = timedelta(hours=24)


@dataclass
class _Made:
    intent: Intent
    customer: str
    new: NewIntent
    made_at: datetime
    charges: int = 0
    off_session: bool = False


@dataclass
class FakeProvider(FakeCardKeeper, FakeReturnTeller):
    """pm_works is charged; pm_asks wants 3-D Secure; pm_slow stays in processing; DECLINED are declined.

    `faults` strike the next calls: (method, before or after, what); what may be an exception or a callable that is
    run, for example to let something happen meanwhile.
    """

    clock: SystemClock
    calls: list[tuple[str, Any]] = field(default_factory=list)
    faults: list[tuple[str, str, BaseException | Callable[[], object]]] = field(default_factory=list)
    customers: dict[str, Contact] = field(default_factory=dict)
    made: dict[str, _Made] = field(default_factory=dict)
    setups: dict[str, MadeSetup] = field(default_factory=dict)
    detached: list[str] = field(default_factory=list)
    returns: dict[str, ReturnAtProvider] = field(default_factory=dict)

    SIGNATURE = "signed"

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, Any, Any]] = {}

    # What tests arrange and read.

    def lose(self, method: str, when: str, *, times: int = 1) -> None:
        """The next such calls get no answer: never received (before), or carried out (after)."""
        self.faults += [(method, when, ProviderUncertain("no answer"))] * times

    def strike(self, method: str, when: str, what: BaseException | Callable[[], object]) -> None:
        """Let this happen at the next such call."""
        self.faults.append((method, when, what))

    def called(self, method: str) -> list[Any]:
        """The arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    def captured_minor(self) -> int:
        """What was taken from cards, each charge counted."""
        return sum(made.charges * made.intent.amount_minor for made in self.made.values())

    def charges(self) -> int:
        """How often a card was charged."""
        return sum(made.charges for made in self.made.values())

    def only(self) -> Intent:
        """The one intent there is."""
        (made,) = self.made.values()
        return made.intent

    def authenticate(self, intent_id: str, *, completed: bool = True) -> None:
        """The holder answers the bank's question, or fails to."""
        made = self.made[intent_id]
        assert made.intent.status == "requires_action"
        if completed:
            self._charge(made)
        else:
            codes = DeclineCodes(code="payment_intent_authentication_failure", decline_code=None)
            self._change(intent_id, status="requires_payment_method", decline=codes)

    def finish_processing(self, intent_id: str) -> None:
        """What was slow has arrived."""
        assert self.made[intent_id].intent.status == "processing"
        self._charge(self.made[intent_id])

    # The provider's interface.

    def create_customer(self, contact: Contact) -> str:
        def make() -> str:
            customer = f"cus_{next(self._numbers)}"
            self.customers[customer] = contact
            return customer

        return str(self._call("create_customer", contact, lambda: self._once(f"customer-{contact}", contact, make)))

    def update_customer(self, customer: str, contact: Contact) -> None:
        self._call("update_customer", contact, lambda: self.customers.update({customer: contact}))

    def create_intent(self, new: NewIntent) -> Intent:
        def make() -> Intent:
            if new.payment_method == UNUSABLE:
                raise ProviderRefused("payment_method_invalid", "cannot be used", param="payment_method")
            assert new.customer in self.customers, "a customer of the provider's"
            intent_id = f"pi_{next(self._numbers)}"
            intent = Intent(
                intent_id=intent_id,
                status="requires_confirmation",
                amount_minor=new.amount_minor,
                received_minor=0,
                payment_id=new.payment_id,
                client_secret=f"{intent_id}_secret_of_the_browser",
            )
            self.made[intent_id] = _Made(intent=intent, customer=new.customer, new=new, made_at=self.clock.now())
            return intent

        return self._intent("create_intent", new, lambda: self._once(new.payment_id, new, make))

    def find_intent(self, payment_id: str, *, customer: str, since: datetime) -> Intent | None:
        found = [
            made.intent
            for made in self.made.values()
            if made.customer == customer and made.made_at >= since and made.new.payment_id == payment_id
        ]
        return self._call("find_intent", payment_id, lambda: found[0] if found else None)  # type: ignore[no-any-return]

    def confirm_intent(self, intent_id: str, *, payment_id: str, off_session: bool) -> Intent:
        def confirm() -> Intent:
            made = self.made[intent_id]
            if made.intent.status not in CANCELABLE:
                raise ProviderRefused("payment_intent_unexpected_state", f"it is {made.intent.status}")
            method, made.off_session = made.new.payment_method, off_session
            if method in DECLINED:
                self._change(intent_id, status="requires_payment_method", decline=DECLINED[method])
            elif method == "pm_asks" and off_session:
                asked = DeclineCodes(code="authentication_required", decline_code="authentication_required")
                self._change(intent_id, status="requires_payment_method", decline=asked)
            elif method == "pm_asks":
                self._change(intent_id, status="requires_action")
            elif method == "pm_slow":
                self._change(intent_id, status="processing")
            else:
                self._charge(made)
            return made.intent

        return self._intent(
            "confirm_intent", intent_id, lambda: self._once(f"{payment_id}-confirm", intent_id, confirm)
        )

    def retrieve_intent(self, intent_id: str) -> Intent:
        return self._intent("retrieve_intent", intent_id, lambda: self.made[intent_id].intent)

    def cancel_intent(self, intent_id: str) -> Intent:
        def cancel() -> Intent:
            if (status := self.made[intent_id].intent.status) not in CANCELABLE:
                raise ProviderRefused("payment_intent_unexpected_state", f"it is {status}")
            # Stripe clears the error of an intent that is changed.
            self._change(intent_id, status="canceled", decline=None)
            return self.made[intent_id].intent

        return self._intent("cancel_intent", intent_id, cancel)

    def verify_webhook(self, payload: str, signature: str) -> WebhookEvent:
        if signature != self.SIGNATURE:
            raise ForgedWebhook("not ours")
        event = json.loads(payload)
        subject = event["data"]["object"]
        return WebhookEvent(
            event_id=event["id"],
            type=event["type"],
            object_id=subject["id"],
            payment_id=self.made[subject["id"]].new.payment_id if subject["id"] in self.made else None,
        )

    # How it is done.

    def _call(self, method: str, arguments: Any, work: Callable[[], Any]) -> Any:
        self.calls.append((method, arguments))
        self._strike(method, "before")
        with self._lock:
            answer = work()
        self._strike(method, "after")
        return answer

    def _intent(self, method: str, arguments: Any, work: Callable[[], Any]) -> Intent:
        intent: Intent = self._call(method, arguments, work)
        return intent

    def _strike(self, method: str, when: str) -> None:
        for fault in self.faults:
            if fault[:2] == (method, when):
                self.faults.remove(fault)
                if isinstance(fault[2], BaseException):
                    raise fault[2]
                fault[2]()
                return

    def _once(self, key: str, request: Any, work: Callable[[], Any]) -> Any:
        """Stripe's idempotency keys: the same answer for 24 hours, a refusal for another request, then forgotten."""
        now = self.clock.now()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < _KEYS_KEPT:
            assert kept[1] == request, f"the key {key} came with another request"
            return kept[2]
        answer = work()
        self._kept[key] = (now, request, answer)
        return answer

    def _charge(self, made: _Made) -> None:
        made.charges += 1
        self._change(
            made.intent.intent_id,
            status="succeeded",
            received_minor=made.intent.amount_minor,
            charged_at=self.clock.now(),
            card=Card(
                payment_method=f"{made.new.payment_method}_{made.intent.intent_id}",
                brand="visa",
                last4="4242",
                exp_month=12,
                exp_year=2030,
                fingerprint=made.new.payment_method,
            ),
        )

    def _change(self, intent_id: str, **values: Any) -> None:
        made = self.made[intent_id]
        made.intent = replace(made.intent, **values)
