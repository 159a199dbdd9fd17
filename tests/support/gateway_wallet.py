"""The cards and the auto-pay of the small business in memory: what its pages do is kept, so that they can be walked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import msgspec

from contracts import codes, payments
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA, NOW, TODAY, RecordingBackend

DECLINED, NEEDS_BANK, NEVER_ANSWERED = "pm_declined", "pm_needs_bank", "pm_never_answered"

_DECLINE = payments.Decline(
    code="card_declined",
    decline_code="insufficient_funds",
    message="There is not enough money available on the card. Nothing was charged.",
    next_step="Use another card, or pay a smaller amount.",
)


def a_charge(number: str = "1042", **changes: Any) -> payments.ScheduledCharge:
    """An invoice of $84.50 that is charged in a week."""
    values: dict[str, Any] = {
        "invoice_id": f"invoice-{number}",
        "number": number,
        "currency": "USD",
        "amount_minor": 8450,
        "due_on": date(2026, 7, 10),
        "state": "scheduled",
        "charge_on": date(2026, 7, 10),
        "can_skip": True,
    }
    return payments.ScheduledCharge(**(values | changes))


def an_auto_pay(state: payments.AutoPayState = "off", **changes: Any) -> payments.AutoPayView:
    """Auto-pay as it stands; on, it charges Ana's Visa."""
    values: dict[str, Any] = {
        "customer_id": ANA,
        "state": state,
        "currency": "USD",
        "minimum_minor": 50,
        "time_of_day": "09:00",
        "invoices_charged": "due",
        "as_of": TODAY,
    }
    if state != "off":
        values |= {"card": views.a_card(), "enrolled_at": NOW - timedelta(days=40), "consent_text": "I agree."}
    return payments.AutoPayView(**(values | changes))


@dataclass
class Wallet:
    """Answers for payments. Cards are told apart by payment method, as the fake business does."""

    cards: list[payments.CardView]
    auto_pay: payments.AutoPayView = field(default_factory=an_auto_pay)
    setups: dict[str, payments.CardSetupView] = field(default_factory=dict)

    def register(self, backend: RecordingBackend) -> None:
        """Answer every command about cards and auto-pay."""
        handlers: tuple[tuple[type, Callable[[Any], Any]], ...] = (
            (payments.ListCards, lambda command: self._listed()),
            (payments.AddCard, self._add),
            (payments.ContinueCardSetup, self._continue),
            (payments.CancelCardSetup, lambda command: self._set_up(command.setup_id, state="cancelled")),
            (payments.MakeCardDefault, self._make_default),
            (payments.RemoveCard, self._remove),
            (payments.GetAutoPay, lambda command: self.auto_pay),
            (payments.EnrollAutoPay, self._enroll),
            (payments.ChangeAutoPay, self._change),
            (payments.CancelAutoPay, self._cancel),
            (payments.SkipCharge, lambda command: self._charge(command.invoice_id, state="skipped", can_skip=False)),
            (payments.UnskipCharge, lambda command: self._charge(command.invoice_id, state="scheduled", can_skip=True)),
            (payments.OptInvoiceIn, lambda command: self._charge(command.invoice_id, state="scheduled")),
            (payments.MoveCharge, lambda command: self._charge(command.invoice_id, charge_on=command.charge_on)),
        )
        for command, answer in handlers:
            backend.answers(command, answer)

    def plan(self, *charges: payments.ScheduledCharge) -> None:
        """Have auto-pay charge these."""
        first = next((each for each in charges if each.state == "scheduled"), None)
        self.auto_pay = msgspec.structs.replace(self.auto_pay, upcoming=list(charges), next_charge=first)

    def _listed(self) -> payments.CardsView:
        used = self.auto_pay.card.card_id if self.auto_pay.card else None
        return views.some_cards(
            *(msgspec.structs.replace(each, pays_automatically=each.card_id == used) for each in self.cards)
        )

    def _add(self, command: payments.AddCard) -> payments.CardSetupView:
        setup_id = f"setup-{command.key}"
        if setup_id in self.setups:
            return self.setups[setup_id]
        self.setups[setup_id] = payments.CardSetupView(setup_id=setup_id, customer_id=ANA, state="created")
        match command.payment_method:
            case "pm_declined":
                return self._set_up(setup_id, state="failed", decline=_DECLINE)
            case "pm_needs_bank":
                return self._set_up(setup_id, state="requires_action", client_secret="seti_1_secret_x", settled=False)
            case "pm_never_answered":
                return self._set_up(setup_id, state="unknown", settled=False)
        return self._save(setup_id)

    def _continue(self, command: payments.ContinueCardSetup) -> payments.CardSetupView:
        setup = self.setups.get(command.setup_id)
        if setup is None:
            raise Refused(codes.NOT_FOUND, "There is no such card being added.")
        return setup if setup.settled or not setup.client_secret else self._save(command.setup_id)

    def _save(self, setup_id: str) -> payments.CardSetupView:
        card = views.a_card(card_id=f"card-{len(self.cards) + 1}", last4="1881", is_default=not self.cards)
        self.cards.append(card)
        return self._set_up(setup_id, state="succeeded", card=card, settled=True, client_secret=None)

    def _set_up(self, setup_id: str, **changes: object) -> payments.CardSetupView:
        self.setups[setup_id] = msgspec.structs.replace(self.setups[setup_id], **changes)
        return self.setups[setup_id]

    def _make_default(self, command: payments.MakeCardDefault) -> payments.CardsView:
        self._card(command.card_id)
        self.cards[:] = [msgspec.structs.replace(c, is_default=c.card_id == command.card_id) for c in self.cards]
        return self._listed()

    def _remove(self, command: payments.RemoveCard) -> payments.CardsView:
        card = self._card(command.card_id)
        if self.auto_pay.card is not None and self.auto_pay.card.card_id == card.card_id:
            if not command.pause_auto_pay:
                raise Refused(codes.CARD_IN_USE, "Auto-pay charges this card.")
            self._set(state="paused", pause_reason="card_removed", card=None)
        self.cards.remove(card)
        return self._listed()

    def _card(self, card_id: str) -> payments.CardView:
        found = next((card for card in self.cards if card.card_id == card_id), None)
        if found is None:
            raise Refused(codes.NOT_FOUND, "This card is not saved any more.", field="card_id")
        return found

    def _enroll(self, command: payments.EnrollAutoPay) -> payments.AutoPayView:
        return self._set(
            state="on",
            card=self._card(command.card_id),
            maximum_minor=command.maximum_minor,
            includes_balance=command.include_balance,
            enrolled_at=NOW,
            consent_text=command.consent_text,
        )

    def _change(self, command: payments.ChangeAutoPay) -> payments.AutoPayView:
        if self.auto_pay.state == "off":
            raise Refused(codes.WRONG_STATE, "Auto-pay is off.")
        return self._set(state="on", card=self._card(command.card_id), maximum_minor=command.maximum_minor)

    def _cancel(self, command: payments.CancelAutoPay) -> payments.AutoPayView:
        return self._set(state="off", card=None, next_charge=None, upcoming=[])

    def _charge(self, invoice_id: str, **changes: object) -> payments.AutoPayView:
        if all(each.invoice_id != invoice_id for each in self.auto_pay.upcoming):
            raise Refused(codes.NOT_FOUND, "Auto-pay does not know this invoice.")
        self.plan(
            *(
                msgspec.structs.replace(each, **changes) if each.invoice_id == invoice_id else each
                for each in self.auto_pay.upcoming
            )
        )
        return self.auto_pay

    def _set(self, **changes: object) -> payments.AutoPayView:
        self.auto_pay = msgspec.structs.replace(self.auto_pay, **changes)
        return self.auto_pay
