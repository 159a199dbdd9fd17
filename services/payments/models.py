"""The tables of payments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, MetaData, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.tables import NAMING, UtcDateTime
from contracts.imports import Origin
from contracts.payments import CardSetupState, PaymentMethod, PaymentState, ReturnKind, ReturnState

_ON_THE_WAY = text("state IN ('submitting', 'requires_action', 'processing', 'unknown')")
_WATCHED = text("next_check_at IS NOT NULL")
_TO_APPLY = text("next_try_at IS NOT NULL")


class Base(DeclarativeBase):
    """Tables of this service."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: String(255),
        datetime: UtcDateTime,
        int: BigInteger,
        PaymentState: String(20),
        PaymentMethod: String(10),
        CardSetupState: String(20),
        Origin: String(10),
    }


class Payment(Base):
    """One payment, by card or recorded by hand. Amounts in minor units of `currency`."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("uq_payments_customer_id_key", "customer_id", "key", unique=True),
        Index("uq_payments_external_key", "external_key", unique=True),
        Index("uq_payments_stripe_intent_id", "stripe_intent_id", unique=True),
        Index("uq_payments_attempt", "auto_invoice_id", "auto_cycle", "auto_attempt", unique=True),
        Index("ix_payments_listed", "customer_id", "listed_on", "payment_id"),
        Index("ix_payments_on_the_way", "customer_id", postgresql_where=_ON_THE_WAY, sqlite_where=_ON_THE_WAY),
        Index("ix_payments_watched", "next_check_at", postgresql_where=_WATCHED, sqlite_where=_WATCHED),
    )

    payment_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    # The form's key and a hash of all that was asked under it. Null: recorded by hand, or refused before it began and
    # the key given to another payment since.
    key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(String(64))
    # The recorder's key of a payment received by hand.
    external_key: Mapped[str | None] = mapped_column(String(200))
    # Set by operations.transition alone.
    state: Mapped[PaymentState]
    # Grows with each move: the aggregate version of the events.
    version: Mapped[int]
    method: Mapped[PaymentMethod]
    origin: Mapped[Origin]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    excess_minor: Mapped[int]
    # [{"invoice_id", "number", "amount_minor"}]: asked for or held, then what billing really put it on.
    invoices: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # Version of billing's allocation that `invoices` shows; 0 before it arrives.
    allocated_version: Mapped[int]
    reference: Mapped[str]
    created_at: Mapped[datetime]
    # The business's date of receipt, once there is one.
    received_on: Mapped[date | None]
    # Place in the customer's history: the date of receipt, before it the date of the request.
    listed_on: Mapped[date]

    # The provider's ids: of the card to charge, of the customer that it belongs to, of the intent.
    payment_method_id: Mapped[str | None]
    stripe_customer_id: Mapped[str | None]
    stripe_intent_id: Mapped[str | None]
    save_card: Mapped[bool]
    card_brand: Mapped[str | None] = mapped_column(String(40))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    # Why it was declined, in the provider's codes.
    decline_reason: Mapped[str | None] = mapped_column(String(100))
    decline_code: Mapped[str | None] = mapped_column(String(100))
    # Why it never began (a code of contracts.codes), with the sentence that was answered, its details, and until when
    # the key answers it.
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    # Until then one worker has the payment to itself.
    leased_until: Mapped[datetime | None]
    # When the provider is asked again; null when there is nothing to ask, or when people must look.
    next_check_at: Mapped[datetime | None]
    checks: Mapped[int] = mapped_column(Integer)
    # On the staff's worklist: the provider was asked for 30 days and the outcome is still open.
    needs_staff: Mapped[bool]

    # Made by auto-pay: for which invoice, in which cycle, at which attempt. The attempt is null again once the payment
    # was refused before it began, so that another one can be it.
    auto_invoice_id: Mapped[str | None] = mapped_column(String(36))
    auto_cycle: Mapped[int | None] = mapped_column(Integer)
    auto_attempt: Mapped[int | None] = mapped_column(Integer)

    @property
    def is_auto_pay(self) -> bool:
        """Whether auto-pay made it, without its card's holder."""
        return self.auto_invoice_id is not None


class Customer(Base):
    """A customer as identity last told it, and its counterpart at Stripe once it has paid by card."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("uq_customers_stripe_customer_id", "stripe_customer_id", unique=True),
        Index("ix_customers_next_try_at", "next_try_at", postgresql_where=_TO_APPLY, sqlite_where=_TO_APPLY),
    )

    customer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    # Version of the contact data; 0 before any arrived.
    version: Mapped[int]
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    stripe_customer_id: Mapped[str | None]
    # When Stripe is to be told of a change; null when it knows.
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)


class SavedCard(Base):
    """A card that the customer chose to keep. Its number never reached us."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("uq_cards_payment_method_id", "payment_method_id", unique=True),
        Index("uq_cards_customer_id_fingerprint", "customer_id", "fingerprint", unique=True),
    )

    card_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    payment_method_id: Mapped[str]
    # The provider's mark of the number: the same card entered twice is one card.
    fingerprint: Mapped[str | None]
    brand: Mapped[str] = mapped_column(String(40))
    last4: Mapped[str] = mapped_column(String(4))
    exp_month: Mapped[int] = mapped_column(Integer)
    exp_year: Mapped[int] = mapped_column(Integer)
    is_default: Mapped[bool]
    created_at: Mapped[datetime]


class CardSetup(Base):
    """One try to save a card without paying: Stripe's SetupIntent, as it is known here."""

    __tablename__ = "card_setups"
    __table_args__ = (
        Index("uq_card_setups_customer_id_key", "customer_id", "key", unique=True),
        Index("uq_card_setups_stripe_setup_id", "stripe_setup_id", unique=True),
        Index("ix_card_setups_watched", "next_check_at", postgresql_where=_WATCHED, sqlite_where=_WATCHED),
    )

    setup_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    # The form's key and a hash of all that was asked under it.
    key: Mapped[str] = mapped_column(String(200))
    request_hash: Mapped[str] = mapped_column(String(64))
    # Set by operations.setup_record alone.
    state: Mapped[CardSetupState]
    # The provider's ids: of the card, of the customer that it shall belong to, of the setup.
    payment_method_id: Mapped[str]
    stripe_customer_id: Mapped[str | None]
    stripe_setup_id: Mapped[str | None]
    # The card that came of it, and whether it had been saved already.
    card_id: Mapped[str | None] = mapped_column(String(36))
    was_saved_before: Mapped[bool]
    # Why the bank did not allow it, in the provider's codes.
    decline_reason: Mapped[str | None] = mapped_column(String(100))
    decline_code: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]
    # Until then one worker has the setup to itself.
    leased_until: Mapped[datetime | None]
    # When the provider is asked again; null when there is nothing to ask.
    next_check_at: Mapped[datetime | None]
    checks: Mapped[int] = mapped_column(Integer)


class Detachment(Base):
    """A card of which the provider is to forget that it is the customer's: removed, or replaced by itself entered anew.

    The row stays: who removes a card a second time is answered by it.
    """

    __tablename__ = "detachments"
    __table_args__ = (
        Index("ix_detachments_card_id", "card_id"),
        Index("ix_detachments_next_try_at", "next_try_at", postgresql_where=_TO_APPLY, sqlite_where=_TO_APPLY),
    )

    payment_method_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    # The card that the customer removed. Null: the card is still saved, under a newer id of the provider's.
    card_id: Mapped[str | None] = mapped_column(String(36))
    since: Mapped[datetime]
    # When the provider is told; null when it has been.
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)


class StripeEvent(Base):
    """A webhook that was received. Its body is not kept: it can hold a client_secret, and Stripe is asked anyway."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        Index("ix_stripe_events_next_try_at", "next_try_at", postgresql_where=_TO_APPLY, sqlite_where=_TO_APPLY),
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    object_id: Mapped[str]
    # From the object's metadata: the webhook can come before the intent's id is stored.
    payment_id: Mapped[str | None] = mapped_column(String(36))
    received_at: Mapped[datetime]
    # When it is to be worked on; null when that is done.
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)


class Return(Base):
    """Part of a received payment that left again: a refund or a dispute at Stripe, whoever began it."""

    __tablename__ = "returns"
    __table_args__ = (
        Index("uq_returns_stripe_id", "stripe_id", unique=True),
        Index("ix_returns_payment_id", "payment_id"),
        Index("ix_returns_state_stripe_id", "state", "stripe_id"),
    )

    return_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    payment_id: Mapped[str] = mapped_column(String(36))
    # Of the refund (re_…) or the dispute (dp_…, du_…).
    stripe_id: Mapped[str]
    kind: Mapped[ReturnKind] = mapped_column(String(10))
    state: Mapped[ReturnState] = mapped_column(String(10))
    # In minor units of the payment's currency.
    amount_minor: Mapped[int]
    effective_on: Mapped[date]
    created_at: Mapped[datetime]
    # Grows with each move: the aggregate version of the events.
    version: Mapped[int]

    def restore(self) -> None:
        """The money is back with the business. Nothing happens to it after that."""
        if self.state != "returned":
            raise ValueError(f"{self.kind} {self.stripe_id} is {self.state} already")
        self.state = "restored"
