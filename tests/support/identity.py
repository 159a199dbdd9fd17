"""An identity to test with: its operations on a real database, a clock that is set by hand, cheap passwords."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import msgspec
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from chassis.clock import BusinessClock
from chassis.database import Database
from chassis.tables import outbox
from contracts import identity as wire
from contracts.imports import RowResult
from contracts.wire import Envelope, Event, Refused
from services.identity import queries
from services.identity.domain.sessions import SessionLife
from services.identity.operations import (
    changing_passwords,
    customers,
    email_changes,
    invitations,
    links,
    logging_in,
    profile,
    sessions,
    setting_passwords,
)
from services.identity.operations.collisions import again_if_taken
from services.identity.operations.password_hashing import PasswordVault
from services.identity.operations.proving import Prover

LINK_SECRET = "k2Jq8vXw-only-for-tests-91hfTz"
GOOD_PASSWORD = "seven-geese-in-a-row"
AnyEvent = TypeVar("AnyEvent", bound=Event)
_references = count(1)


def refused_with(code: str, field: str | None = None) -> Any:
    """Expect a refusal with this code, at this field."""
    return pytest.raises(Refused, check=lambda each: (each.code, each.details.get("field")) == (code, field))


def cheap_vault(hasher: PasswordHasher | None = None) -> PasswordVault:
    """Argon2id at its smallest, in the caller's own thread."""
    return PasswordVault(
        hasher or PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        run=lambda function, *arguments: function(*arguments),
    )


class Identity:
    """identity's use cases, each at the instant `now`."""

    def __init__(self, database: Database, vault: PasswordVault | None = None) -> None:
        self.database = database
        self.vault = vault or cheap_vault()
        self.life = SessionLife(idle=timedelta(hours=2), longest=timedelta(hours=12))
        self.clock = BusinessClock("America/New_York")
        self.now = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def import_rows(self, *rows: wire.CustomerRow, create_only: bool = False) -> list[RowResult]:
        command = wire.ImportCustomers(rows=list(rows), create_only=create_only)
        return again_if_taken(self.database, lambda session: customers.import_customers(session, command, now=self.now))

    def customer(self, email: str | None, name: str = "Ana Lima", reference: str | None = None) -> str:
        """A customer on file; its id."""
        reference = reference or f"C-{next(_references):04d}"
        (result,) = self.import_rows(wire.CustomerRow(row=1, reference=reference, name=name, email=email))
        assert result.id is not None
        return result.id

    def view(self, customer_id: str) -> wire.CustomerView:
        with self.database.read() as session:
            return queries.customer(session, wire.GetCustomer(customer_id=customer_id))

    def request(self, email: str, purpose: wire.LinkPurpose = "sign_up", ip_address: str = "") -> None:
        """Ask for a link, and let identity's own listener decide about it."""
        before = len(self.events(wire.LinkRequested))
        with self.database.transaction() as session:
            command = wire.RequestLink(email=email, purpose=purpose, ip_address=ip_address)
            links.request_link(session, command, now=self.now)
        for event in self.events(wire.LinkRequested)[before:]:
            with self.database.transaction() as session:
                links.issue_link(session, event, now=self.now, link_secret=LINK_SECRET)

    def invite(self, *references: str, again: bool = False, dry_run: bool = False) -> list[wire.InvitationResult]:
        command = wire.InviteCustomers(references=list(references), again=again, dry_run=dry_run)
        with self.database.transaction() as session:
            return invitations.invite_customers(session, command, now=self.now, link_secret=LINK_SECRET)

    def token_of(self, event: wire.LinkIssued) -> str:
        with self.database.read() as session:
            command = wire.ReadLinkToken(link_id=event.link_id)
            return links.read_link_token(session, command, now=self.now, link_secret=LINK_SECRET).token

    def link_for(self, email: str, purpose: wire.LinkPurpose = "sign_up") -> str:
        """The token of a new link."""
        self.request(email, purpose)
        return self.token_of(self.events(wire.LinkIssued)[-1])

    def inspect(self, token: str) -> wire.LinkView:
        with self.database.read() as session:
            return links.inspect_link(session, wire.InspectLink(token=token), now=self.now)

    def set_password(self, token: str, password: str = GOOD_PASSWORD) -> None:
        command = wire.SetPassword(token=token, password=password)
        setting_passwords.set_password(self.database, self.vault, command, now=self.now)

    def sign_up(self, email: str, password: str = GOOD_PASSWORD) -> None:
        self.set_password(self.link_for(email), password)

    def log_in(self, email: str, password: str = GOOD_PASSWORD, ip_address: str = "") -> wire.SessionOpened:
        command = wire.LogIn(email=email, password=password, ip_address=ip_address, user_agent="Firefox")
        return logging_in.log_in(self.database, self.vault, command, life=self.life, now=self.now)

    def check(self, token: str, customer_id: str) -> wire.SessionView:
        command = wire.CheckSession(session_token=token, customer_id=customer_id)
        return sessions.check_session(self.database, command, life=self.life, now=self.now)

    def switch(self, token: str, customer_id: str) -> wire.SessionView:
        command = wire.SwitchAccount(session_token=token, customer_id=customer_id)
        with self.database.transaction() as session:
            return sessions.switch_account(session, command, life=self.life, now=self.now)

    def log_out(self, token: str) -> None:
        with self.database.transaction() as session:
            sessions.log_out(session, wire.LogOut(session_token=token))

    def prover(self) -> Prover:
        return Prover(self.database, self.vault, life=self.life, now=self.now)

    def profile(self, token: str, customer_id: str) -> wire.ProfileView:
        with self.database.read() as session:
            query = wire.GetProfile(session_token=token, customer_id=customer_id)
            return profile.get_profile(session, query, life=self.life, now=self.now)

    def change_contact(self, token: str, customer_id: str, *, based_on: int | None = None, **values: str):
        """Save the customer's own page with these values; the others as they are on file."""
        view = self.view(customer_id)
        before = {"name": view.name, "phone": view.phone or "", "address": view.address or ""}
        command = wire.ChangeContact(
            session_token=token,
            customer_id=customer_id,
            based_on_version=view.contact_version if based_on is None else based_on,
            **(before | values),
        )
        with self.database.transaction() as session:
            return profile.change_contact(session, command, life=self.life, now=self.now)

    def ask_for_email(self, token: str, customer_id: str, new_email: str, password: str = GOOD_PASSWORD) -> None:
        command = wire.RequestEmailChange(
            session_token=token, customer_id=customer_id, password=password, new_email=new_email, ip_address="192.0.2.9"
        )
        email_changes.request_email_change(self.prover(), command, link_secret=LINK_SECRET)

    def confirm_email(self, token: str) -> wire.EmailChangeView:
        return email_changes.confirm_email_change(self.database, wire.ConfirmEmailChange(token=token), now=self.now)

    def change_password(self, token: str, customer_id: str, current: str, new: str) -> None:
        command = wire.ChangePassword(
            session_token=token, customer_id=customer_id, current_password=current, new_password=new
        )
        changing_passwords.change_password(self.prover(), command)

    def events(self, event_type: type[AnyEvent]) -> list[AnyEvent]:
        """Every event of a type that identity recorded, oldest first."""
        with self.database.read() as session:
            bodies = session.scalars(
                select(outbox.c.body).where(outbox.c.name == event_type.event_name).order_by(outbox.c.event_id)
            ).all()
        return [msgspec.convert(msgspec.json.decode(body, type=Envelope).payload, event_type) for body in bodies]
