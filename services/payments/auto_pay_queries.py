"""Reading auto-pay: its state, its coming charges, and what customers agreed to."""

from datetime import date

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from contracts.payments import AutoPayView, ConsentHistory, ConsentRecord, ScheduledCharge
from services.payments.auto_pay_models import AutoPayAccount, Charge, Consent, Invoice
from services.payments.domain import charge_states, declines
from services.payments.domain.minimums import minimum_charge_minor
from services.payments.domain.present import Present
from services.payments.models import SavedCard
from services.payments.views import card_view

MOST_CHARGES = 100
MOST_CONSENTS = 500

_DECLINED = frozenset({"retrying", "declined", "needs_customer"})


def auto_pay_view(session: Session, customer_id: str, present: Present) -> AutoPayView:
    """A customer's auto-pay as it stands; off where nothing is known of the customer."""
    account = session.get(AutoPayAccount, customer_id)
    if account is None or account.state == "off":
        return _view(None, customer_id, present)
    upcoming = _upcoming(session, account, present)
    coming = (charge for charge in upcoming if charge.charge_on is not None and charge.state != "skipped")
    card = None if account.card_id is None else session.get(SavedCard, account.card_id)
    consent = None if account.consent_id is None else session.get(Consent, account.consent_id)
    return _view(
        account,
        customer_id,
        present,
        card=None if card is None else card_view(card, today=present.today, pays_automatically=True),
        consent_version=None if consent is None else consent.version,
        consent_text=None if consent is None else consent.text,
        next_charge=next(coming, None) if account.state == "on" else None,
        upcoming=upcoming,
    )


def paying_card_id(session: Session, customer_id: str) -> str | None:
    """The card that auto-pay charges, also while it is paused."""
    return session.scalar(select(AutoPayAccount.card_id).where(AutoPayAccount.customer_id == customer_id))


def consent_history(session: Session, customer_id: str) -> ConsentHistory:
    """What the customer agreed to, the latest first."""
    query = (
        select(Consent)
        .where(Consent.customer_id == customer_id)
        # Ids grow with time.
        .order_by(Consent.consent_id.desc())
        .limit(MOST_CONSENTS)
    )
    names = ConsentRecord.__struct_fields__
    return ConsentHistory(
        records=[ConsentRecord(**{name: getattr(row, name) for name in names}) for row in session.scalars(query)]
    )


def _view(account: AutoPayAccount | None, customer_id: str, present: Present, **parts: object) -> AutoPayView:
    known: dict[str, object] = {}
    if account is not None:
        names = ("maximum_minor", "includes_balance", "enrolled_at", "paused_at", "pause_reason")
        known = {name: getattr(account, name) for name in names}
    return AutoPayView(
        customer_id=customer_id,
        state="off" if account is None else account.state,
        currency=present.currency,
        minimum_minor=minimum_charge_minor(present.currency),
        time_of_day=present.rules.time_of_day.strftime("%H:%M"),
        invoices_charged=present.rules.charged_when,
        as_of=present.today,
        **known,  # type: ignore[arg-type]
        **parts,  # type: ignore[arg-type]
    )


def _upcoming(session: Session, account: AutoPayAccount, present: Present) -> list[ScheduledCharge]:
    """The open invoices by the day of their charge; those that are not charged come last."""
    is_resting = case((Charge.state.in_(sorted(charge_states.RESTING)), 1), else_=0)
    query = (
        select(Charge, Invoice)
        .join(Invoice, Invoice.invoice_id == Charge.invoice_id)
        .where(Charge.customer_id == account.customer_id, Charge.state.not_in(sorted(charge_states.OVER)))
        .where(Invoice.known, ~Invoice.voided, Invoice.placed_minor < Invoice.total_minor)
        .order_by(is_resting, Charge.charge_on, Invoice.due_on, Charge.invoice_id)
        .limit(MOST_CHARGES)
    )
    return [_scheduled(charge, invoice, account, present) for charge, invoice in session.execute(query)]


def _scheduled(charge: Charge, invoice: Invoice, account: AutoPayAccount, present: Present) -> ScheduledCharge:
    is_on = account.state == "on"
    declined = charge.state in _DECLINED
    return ScheduledCharge(
        invoice_id=invoice.invoice_id,
        number=invoice.number,
        currency=present.currency,
        amount_minor=invoice.open_minor if charge.told_minor is None else min(invoice.open_minor, charge.told_minor),
        due_on=invoice.due_on or present.today,
        state=charge.state,
        charge_on=_shown_day(charge, present.today),
        most_minor=charge.told_minor,
        attempts=charge.attempt,
        payment_id=charge.payment_id,
        decline=declines.decline(charge.decline_reason or "", charge.decline_code) if declined else None,
        can_skip=charge.state in charge_states.SKIPPABLE,
        can_opt_in=is_on and charge.state in charge_states.RESTING,
    )


def _shown_day(charge: Charge, today: date) -> date | None:
    """Its day; today for what was due before, and is charged at once."""
    if charge.charge_on is None or charge.state not in charge_states.TRIED | {"skipped"}:
        return None
    return charge.charge_on if charge.state == "skipped" else max(charge.charge_on, today)
