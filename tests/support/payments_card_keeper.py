"""The part of the recording fake of the payment provider that keeps cards without a payment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from services.payments.clients.provider import Card, DeclineCodes, NewSetup, ProviderRefused, Setup

CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action")

UNUSABLE = "pm_unusable"
"""Refused when the intent is made, before anything can be charged."""

DECLINED = {
    "pm_declined": DeclineCodes(code="card_declined", decline_code="generic_decline"),
    "pm_no_money": DeclineCodes(code="card_declined", decline_code="insufficient_funds"),
    "pm_expired": DeclineCodes(code="expired_card", decline_code=None),
}


@dataclass
class MadeSetup:
    """A setup at the provider, and what it was made of."""

    setup: Setup
    new: NewSetup


class FakeCardKeeper:
    """Payment methods are told apart by their beginning: pm_asks wants 3-D Secure, those of DECLINED are declined.

    What follows two underscores is no part of the card: pm_visa__1 and pm_visa__2 are one card, entered twice.
    """

    setups: dict[str, MadeSetup]
    detached: list[str]
    _numbers: Iterator[int]
    _call: Callable[..., Any]
    _once: Callable[..., Any]

    def kept(self) -> list[str]:
        """The payment methods that belong to a customer, by setups that succeeded."""
        kept = [each.new.payment_method for each in self.setups.values() if each.setup.status == "succeeded"]
        return [method for method in kept if method not in self.detached]

    def answer_bank(self, *, completed: bool = True) -> None:
        """The holder answers the bank's question about the one setup that waits, or fails to."""
        (waiting,) = [each for each in self.setups.values() if each.setup.status == "requires_action"]
        if completed:
            self._keep(waiting)
        else:
            codes = DeclineCodes(code="setup_intent_authentication_failure", decline_code=None)
            waiting.setup = replace(waiting.setup, status="requires_payment_method", decline=codes)

    def create_setup(self, new: NewSetup) -> Setup:
        def make() -> Setup:
            if new.payment_method == UNUSABLE:
                raise ProviderRefused("payment_method_invalid", "cannot be used", param="payment_method")
            assert new.customer, "a customer of the provider's"
            setup_id = f"seti_{next(self._numbers)}"
            secret = f"{setup_id}_secret_of_the_browser"
            setup = Setup(stripe_setup_id=setup_id, status="requires_confirmation", client_secret=secret)
            self.setups[setup_id] = MadeSetup(setup, new)
            return setup

        made: Setup = self._call("create_setup", new, lambda: self._once(new.setup_id, new, make))
        return made

    def confirm_setup(self, stripe_setup_id: str, *, setup_id: str) -> Setup:
        def confirm() -> Setup:
            made = self.setups[stripe_setup_id]
            if made.setup.status not in CANCELABLE:
                raise ProviderRefused("setup_intent_unexpected_state", f"it is {made.setup.status}")
            method = made.new.payment_method
            if method in DECLINED:
                made.setup = replace(made.setup, status="requires_payment_method", decline=DECLINED[method])
            elif method.startswith("pm_asks"):
                made.setup = replace(made.setup, status="requires_action")
            else:
                self._keep(made)
            return made.setup

        key = f"{setup_id}-confirm"
        confirmed: Setup = self._call(
            "confirm_setup", stripe_setup_id, lambda: self._once(key, stripe_setup_id, confirm)
        )
        return confirmed

    def retrieve_setup(self, stripe_setup_id: str) -> Setup:
        found: Setup = self._call("retrieve_setup", stripe_setup_id, lambda: self.setups[stripe_setup_id].setup)
        return found

    def cancel_setup(self, stripe_setup_id: str) -> Setup:
        def cancel() -> Setup:
            made = self.setups[stripe_setup_id]
            if made.setup.status not in CANCELABLE:
                raise ProviderRefused("setup_intent_unexpected_state", f"it is {made.setup.status}")
            made.setup = replace(made.setup, status="canceled", decline=None)
            return made.setup

        cancelled: Setup = self._call("cancel_setup", stripe_setup_id, cancel)
        return cancelled

    def detach(self, payment_method: str) -> None:
        def take_off() -> None:
            if payment_method in self.detached:
                raise ProviderRefused("InvalidRequestError", "not attached to a customer")
            self.detached.append(payment_method)

        self._call("detach", payment_method, take_off)

    def _keep(self, made: MadeSetup) -> None:
        card = Card(
            payment_method=made.new.payment_method,
            brand="visa",
            last4="4242",
            exp_month=12,
            exp_year=2030,
            fingerprint=made.new.payment_method.partition("__")[0],
        )
        made.setup = replace(made.setup, status="succeeded", card=card)
