"""The tables of auto-pay: who has it, what it may charge, and what is planned for each invoice.

Due times are instants of the business's clock, leases and "not before" of the system's.
"""

from datetime import date, datetime

from sqlalchemy import Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.imports import Origin
from contracts.payments import AutoPayState, ChargeState, ConsentAction, PauseReason
from services.payments.models import Base

_LOOKED_AT = text("look_at IS NOT NULL")
_CARD_WATCHED = text("card_look_at IS NOT NULL")
_OPEN = text("known AND NOT voided AND placed_minor < total_minor")


class AutoPayAccount(Base):
    """One customer's auto-pay; a row in state `off` for every customer who was ever sent an invoice.

    Its row is the first lock of whatever changes auto-pay, so that an enrolment and an invoice that is just being
    sent come one after the other.
    """

    __tablename__ = "auto_pay_accounts"
    __table_args__ = (
        Index(
            "ix_auto_pay_accounts_card_look_at",
            "card_look_at",
            postgresql_where=_CARD_WATCHED,
            sqlite_where=_CARD_WATCHED,
        ),
    )

    customer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[AutoPayState] = mapped_column(String(10))
    # Grows with each event about it.
    version: Mapped[int]
    card_id: Mapped[str | None] = mapped_column(String(36))
    # None: no maximum.
    maximum_minor: Mapped[int | None]
    includes_balance: Mapped[bool]
    # In real time: invoices recorded as sent from then on are covered, wherever the business's clock stands.
    covers_since: Mapped[datetime | None]
    # By the business's clock.
    enrolled_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[PauseReason | None] = mapped_column(String(20))
    # The consent that it rests on.
    consent_id: Mapped[str | None] = mapped_column(String(36))
    # When the card's last day is looked at; and the card and month that the customer was told of.
    card_look_at: Mapped[datetime | None]
    card_told: Mapped[str | None] = mapped_column(String(50))


class Consent(Base):
    """What a customer agreed to. Rows are only ever added."""

    __tablename__ = "auto_pay_consents"
    __table_args__ = (Index("ix_auto_pay_consents_customer_id", "customer_id", "consent_id"),)

    consent_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    action: Mapped[ConsentAction] = mapped_column(String(20))
    recorded_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    ip_address: Mapped[str] = mapped_column(String(100))
    user_agent: Mapped[str] = mapped_column(String(500))
    source: Mapped[str] = mapped_column(String(50))
    # The card as the customer saw it: it may be removed later.
    card: Mapped[str] = mapped_column(String(100))
    maximum_minor: Mapped[int | None]
    includes_balance: Mapped[bool]
    invoice_id: Mapped[str | None] = mapped_column(String(36))


class Invoice(Base):
    """A sent invoice and what is on it, from billing's events in any order. Not `known`: it is yet to be heard of."""

    __tablename__ = "invoices"
    __table_args__ = (Index("ix_invoices_open", "customer_id", postgresql_where=_OPEN, sqlite_where=_OPEN),)

    invoice_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    known: Mapped[bool]
    voided: Mapped[bool]
    number: Mapped[str]
    total_minor: Mapped[int]
    # What live allocations put on it.
    placed_minor: Mapped[int]
    due_on: Mapped[date | None]
    sent_at: Mapped[datetime | None]
    origin: Mapped[Origin]

    @property
    def open_minor(self) -> int:
        """What is open by what is known here; billing has the last word."""
        return max(0, self.total_minor - self.placed_minor) if self.known and not self.voided else 0


class Allocation(Base):
    """Part of a payment or credit on an invoice; `reversed` can come before the allocation itself."""

    __tablename__ = "invoice_allocations"

    allocation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    invoice_id: Mapped[str] = mapped_column(String(36))
    amount_minor: Mapped[int]
    reversed: Mapped[bool]


class Charge(Base):
    """What is planned for one invoice of a customer with auto-pay. `operations.auto_pay.charges` sets its state."""

    __tablename__ = "auto_pay_charges"
    __table_args__ = (
        Index("ix_auto_pay_charges_customer_id", "customer_id"),
        Index("ix_auto_pay_charges_look_at", "look_at", postgresql_where=_LOOKED_AT, sqlite_where=_LOOKED_AT),
    )

    invoice_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    state: Mapped[ChargeState] = mapped_column(String(20))
    # A new one begins with each new word of the customer: another card, an invoice opted in.
    cycle: Mapped[int] = mapped_column(Integer)
    # The latest attempt of the cycle, from 1; with invoice and cycle it is unique among payments.
    attempt: Mapped[int] = mapped_column(Integer)
    charge_on: Mapped[date | None]
    charge_at: Mapped[datetime | None]
    # The customer's yes to this one invoice, whatever the maximum says.
    is_above_maximum_agreed: Mapped[bool]
    # What the customer was told that will be charged, and never more.
    told_minor: Mapped[int | None]
    told_at: Mapped[datetime | None]
    is_failure_told: Mapped[bool]
    # Money was taken back from the invoice while the charge was being made: it leaves auto-pay with the outcome.
    is_reopened: Mapped[bool] = mapped_column(server_default=false())
    first_tried_on: Mapped[date | None]
    # The latest attempt's payment, how it was declined, and the provider's id of that card.
    payment_id: Mapped[str | None] = mapped_column(String(36))
    decline_reason: Mapped[str | None] = mapped_column(String(100))
    decline_code: Mapped[str | None] = mapped_column(String(100))
    declined_method: Mapped[str | None]
    # When the worker has something to do with it: an instant of the business's clock.
    look_at: Mapped[datetime | None]
    # Until then, in real time, it is left alone: another worker has it, or what it needs was not to be had.
    not_before: Mapped[datetime | None]
