"""Which messages a customer wants, and the one place that senders ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy.orm import Session

from contracts.notify import ChoicesView, ChooseNotifications, EmailChoice
from services.notify.models import Choices
from services.notify.operations import known_rows, texts
from services.notify.operations.inserting import insert_new

CHOICES: tuple[EmailChoice, ...] = get_args(EmailChoice)
_OF_REMINDERS: EmailChoice = "visit_reminder"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a message goes."""

    email: bool
    text: bool


def preload(session: Session, customer_ids: Iterable[str]) -> None:
    """Take the choices of a batch's customers in hand."""
    known_rows.load(session, Choices.customer_id, customer_ids)


def wants_email(session: Session, customer_id: str, kind: str) -> bool:
    """Whether a customer gets e-mails of this kind; True for all kinds of which there is no choice."""
    return is_wanted(known_rows.get(session, Choices.customer_id, customer_id), kind)


def is_wanted(row: Choices | None, kind: str) -> bool:
    """What one customer's choices say of a kind of e-mail."""
    return row is None or kind not in _unwanted(row)


def reminder_ways(session: Session, customer_id: str, *, texts_offered: bool) -> Ways:
    """How the reminder of a visit goes to a customer. In place of a text that cannot be sent goes an e-mail."""
    row: Choices | None = known_rows.get(session, Choices.customer_id, customer_id)
    way = row.visit_reminder if row is not None else None
    if way == "none":
        return Ways(email=False, text=False)
    by_text = way != "email" and texts_offered and texts.textable_number(session, customer_id) is not None
    by_email = wants_email(session, customer_id, _OF_REMINDERS) and (way != "text" or not by_text)
    return Ways(email=by_email, text=by_text)


def choose(session: Session, command: ChooseNotifications, *, now: datetime) -> ChoicesView:
    """Set all choices at once."""
    row = _row(session, command.customer_id, now)
    wanted = set(command.emails) - {_OF_REMINDERS}
    if command.visit_reminder != "none":
        # By text too: the e-mail takes the place of a text that cannot be sent.
        wanted.add(_OF_REMINDERS)
    row.unwanted = ",".join(kind for kind in CHOICES if kind not in wanted)
    row.visit_reminder = command.visit_reminder
    row.changed_at = now
    return view(row)


def texts_turned_on(session: Session, customer_id: str, *, now: datetime) -> None:
    """Reminders are what texts are for: whoever turns them on gets those by text too, whatever was chosen before."""
    row = session.get(Choices, customer_id, with_for_update=True)
    if row is not None and row.visit_reminder in ("email", "none"):
        row.visit_reminder = "both" if row.visit_reminder == "email" else "text"
        row.changed_at = now


def switch_off(session: Session, customer_id: str, kind: EmailChoice, *, now: datetime) -> None:
    """One kind of e-mail is not wanted any more. Of the reminder of a visit the text stays, where texts are on."""
    row = _row(session, customer_id, now)
    row.unwanted = ",".join(each for each in CHOICES if each == kind or each in _unwanted(row))
    if kind == _OF_REMINDERS:
        has_texts = row.visit_reminder not in ("email", "none") and texts.textable_number(session, customer_id)
        row.visit_reminder = "text" if has_texts else "none"
    row.changed_at = now


def view(row: Choices | None) -> ChoicesView:
    """Choices as others see them."""
    unwanted = _unwanted(row) if row is not None else set()
    return ChoicesView(
        emails=[kind for kind in CHOICES if kind not in unwanted],
        visit_reminder=row.visit_reminder if row is not None else None,
    )


def _unwanted(row: Choices) -> set[str]:
    return set(row.unwanted.split(","))


def _row(session: Session, customer_id: str, now: datetime) -> Choices:
    insert_new(session, Choices, customer_id=customer_id, unwanted="", visit_reminder=None, changed_at=now)
    return session.get_one(Choices, customer_id, with_for_update=True)
