"""What payments needs of a payment provider. Stripe is behind it; tests put a recording fake there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from contracts.payments import ReturnKind

IntentStatus = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "canceled",
    "succeeded",
]

SetupStatus = Literal[
    "requires_payment_method", "requires_confirmation", "requires_action", "processing", "canceled", "succeeded"
]


class ProviderUncertain(Exception):
    """The provider did not answer, or with a failure of its own: whether it did the work is not known."""


class ProviderRefused(Exception):
    """The provider understood the request and did nothing. `code` and `param` are its own words."""

    def __init__(self, code: str, message: str, *, param: str | None = None, decline_code: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.param = param
        self.decline_code = decline_code


class ForgedWebhook(Exception):
    """The signature does not belong to the body, is too old, or the body is not an event."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A card as the provider tells it. `payment_method` is the provider's id of it; no number is here."""

    payment_method: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str | None


@dataclass(frozen=True, kw_only=True)
class DeclineCodes:
    """Why the bank or the provider said no."""

    code: str
    decline_code: str | None


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A payment at the provider at one moment, amounts in minor units. `received_minor` is what was captured.

    `client_secret` lets a browser finish the payment: it is answered to that browser and kept nowhere.
    """

    intent_id: str
    status: IntentStatus
    amount_minor: int
    received_minor: int
    payment_id: str | None
    client_secret: str | None = field(default=None, repr=False)
    decline: DeclineCodes | None = None
    card: Card | None = None
    charged_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NewIntent:
    """What a payment is to be. The same payment must always give the same values: the key covers them."""

    payment_id: str
    customer: str
    payment_method: str
    amount_minor: int
    currency: str
    description: str
    save_card: bool


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The keeping of a card at the provider at one moment. `client_secret` is for the browser, as an intent's is."""

    stripe_setup_id: str
    status: SetupStatus
    client_secret: str | None = field(default=None, repr=False)
    decline: DeclineCodes | None = None
    card: Card | None = None


@dataclass(frozen=True, kw_only=True)
class NewSetup:
    """The card that is to be kept for charges without its holder. The same setup must always give the same values."""

    setup_id: str
    customer: str
    payment_method: str


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A customer as the provider should know it; `version` grows with each change."""

    customer_id: str
    version: int
    name: str | None
    email: str | None


@dataclass(frozen=True, kw_only=True)
class ReturnAtProvider:
    """A refund or a dispute as it stands, in minor units. `has_left`: the business does not have the money now.

    `was_ever_taken` tells a dispute that was won, or a refund that failed, from one that never moved money.
    """

    stripe_id: str
    kind: ReturnKind
    intent_id: str | None
    amount_minor: int
    has_left: bool
    was_ever_taken: bool
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """A verified webhook: its unique id, its type, and what it is about."""

    event_id: str
    type: str
    object_id: str
    payment_id: str | None


class CardKeeper(Protocol):
    """The part of a `PaymentProvider` that keeps cards for later charges."""

    def create_setup(self, new: NewSetup) -> Setup:
        """Prepare the keeping of a card without confirming it; nothing is kept by this."""
        ...

    def confirm_setup(self, stripe_setup_id: str, *, setup_id: str) -> Setup:
        """Keep the card. A decline is an answer: status `requires_payment_method` with `decline`."""
        ...

    def retrieve_setup(self, stripe_setup_id: str) -> Setup:
        """Return the setup as it stands."""
        ...

    def cancel_setup(self, stripe_setup_id: str) -> Setup:
        """Cancel it for good. Refused once the card is kept."""
        ...

    def detach(self, payment_method: str) -> None:
        """Forget a kept card: it can never be charged again. Refused when it is nobody's."""
        ...


class ReturnTeller(Protocol):
    """The part of a `PaymentProvider` that tells of money which left again."""

    def retrieve_refund(self, stripe_id: str) -> ReturnAtProvider:
        """Return the refund as it stands. Refused when there is none."""
        ...

    def retrieve_dispute(self, stripe_id: str) -> ReturnAtProvider:
        """Return the dispute as it stands. Refused when there is none."""
        ...

    def returns_since(self, since: datetime) -> Iterator[ReturnAtProvider]:
        """Every refund and dispute that was made at or after `since`, newest first of each kind."""
        ...


class PaymentProvider(CardKeeper, ReturnTeller, Protocol):
    """Every call may raise ProviderUncertain or ProviderRefused; each may be repeated and has its effect once."""

    def create_customer(self, contact: Contact) -> str:
        """Make a customer and return its id."""
        ...

    def update_customer(self, customer: str, contact: Contact) -> None:
        """Give the customer another name and e-mail address."""
        ...

    def create_intent(self, new: NewIntent) -> Intent:
        """Make a payment without confirming it; no money can move by this."""
        ...

    def find_intent(self, payment_id: str, *, customer: str, since: datetime) -> Intent | None:
        """Return the customer's intent that was made for this payment at or after `since`, if there is one."""
        ...

    def confirm_intent(self, intent_id: str, *, payment_id: str, off_session: bool) -> Intent:
        """Charge it. A decline is an answer: status `requires_payment_method` with `decline`.

        `off_session`: the card's holder is not there; where the bank asks for them it is a decline.
        """
        ...

    def retrieve_intent(self, intent_id: str) -> Intent:
        """Return the intent as it stands."""
        ...

    def cancel_intent(self, intent_id: str) -> Intent:
        """Cancel it for good. Refused once it is charged or cancelled."""
        ...

    def verify_webhook(self, payload: str, signature: str) -> WebhookEvent:
        """Return the event in a webhook's raw body. Raises ForgedWebhook."""
        ...
