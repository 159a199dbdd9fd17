"""identity's entrypoints: each takes a message, calls one operation or query, and answers."""

from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy.orm import Session

from chassis.clock import system_clock
from chassis.listening import listens
from chassis.providers import ClockProvider, DatabaseProvider, SettingsProvider
from chassis.relay import OutboxRelay
from chassis.serving import Operable, answers
from chassis.working import works
from contracts import identity as wire
from contracts.imports import RowResult
from contracts.wire import Envelope
from services.identity import queries
from services.identity.operations import (
    business_clock,
    changing_passwords,
    customers,
    email_changes,
    invitations,
    links,
    logging_in,
    profile,
    sessions,
    setting_passwords,
    upkeep,
)
from services.identity.operations.collisions import again_if_taken
from services.identity.operations.password_hashing import PasswordVault
from services.identity.operations.proving import Prover


class VaultProvider(DependencyProvider):
    """Gives the process's one `PasswordVault`, which limits how many hashes are computed at once."""

    def setup(self) -> None:
        """Make it; hashing threads start with the first password."""
        self._vault = PasswordVault()

    def get_dependency(self, worker_ctx: Any) -> PasswordVault:
        """Return the `PasswordVault`."""
        return self._vault


class IdentityService(Operable):
    """Customers, log-ins, links, sessions and the business's clock."""

    name = "identity"

    db = DatabaseProvider()
    clock = ClockProvider()
    settings = SettingsProvider()
    vault = VaultProvider()
    relay = OutboxRelay()

    @answers(wire.ImportCustomers)
    def import_customers(self, command: wire.ImportCustomers) -> list[RowResult]:
        """Create or update customers by reference."""
        now = system_clock.now()
        return again_if_taken(self.db, lambda session: customers.import_customers(session, command, now=now))

    @answers(wire.FindCustomers)
    def find_customers(self, command: wire.FindCustomers) -> list[wire.CustomerView]:
        """Customers by reference."""
        with self.db.read() as session:
            return queries.customers_by_reference(session, command)

    @answers(wire.ListCustomers)
    def list_customers(self, command: wire.ListCustomers) -> wire.CustomerPage:
        """A page of all customers."""
        with self.db.read() as session:
            return queries.customers(session, command)

    @answers(wire.GetCustomer)
    def get_customer(self, command: wire.GetCustomer) -> wire.CustomerView:
        """One customer."""
        with self.db.read() as session:
            return queries.customer(session, command)

    @answers(wire.RequestLink)
    def request_link(self, command: wire.RequestLink) -> wire.Done:
        """Note that somebody wants a link."""
        with self.db.transaction() as session:
            return links.request_link(session, command, now=system_clock.now())

    @listens(wire.LinkRequested)
    def link_requested(self, session: Session, event: wire.LinkRequested, envelope: Envelope) -> None:
        """Issue the link if the address is on file."""
        links.issue_link(session, event, now=system_clock.now(), link_secret=self.settings.link_secret)

    @answers(wire.InviteCustomers)
    def invite_customers(self, command: wire.InviteCustomers) -> list[wire.InvitationResult]:
        """Ask customers to sign up."""
        with self.db.transaction() as session:
            return invitations.invite_customers(
                session, command, now=system_clock.now(), link_secret=self.settings.link_secret
            )

    @answers(wire.InspectLink)
    def inspect_link(self, command: wire.InspectLink) -> wire.LinkView:
        """Look at a link."""
        with self.db.read() as session:
            return links.inspect_link(session, command, now=system_clock.now())

    @answers(wire.ReadLinkToken)
    def read_link_token(self, command: wire.ReadLinkToken) -> wire.LinkToken:
        """The secret of a link, for the message that carries it."""
        with self.db.read() as session:
            return links.read_link_token(
                session, command, now=system_clock.now(), link_secret=self.settings.link_secret
            )

    @answers(wire.SetPassword)
    def set_password(self, command: wire.SetPassword) -> wire.Done:
        """Use up a link and set the password."""
        return setting_passwords.set_password(self.db, self.vault, command, now=system_clock.now())

    @answers(wire.LogIn)
    def log_in(self, command: wire.LogIn) -> wire.SessionOpened:
        """Open a session."""
        return logging_in.log_in(self.db, self.vault, command, life=self.settings.session_life, now=system_clock.now())

    @answers(wire.CheckSession)
    def check_session(self, command: wire.CheckSession) -> wire.SessionView:
        """The session behind a cookie."""
        return sessions.check_session(self.db, command, life=self.settings.session_life, now=system_clock.now())

    @answers(wire.SwitchAccount)
    def switch_account(self, command: wire.SwitchAccount) -> wire.SessionView:
        """Act for another account of the log-in."""
        with self.db.transaction() as session:
            return sessions.switch_account(session, command, life=self.settings.session_life, now=system_clock.now())

    @answers(wire.LogOut)
    def log_out(self, command: wire.LogOut) -> wire.Done:
        """End a session."""
        with self.db.transaction() as session:
            return sessions.log_out(session, command)

    @answers(wire.EndSession)
    def end_session(self, command: wire.EndSession) -> wire.Done:
        """End another session of the log-in."""
        with self.db.transaction() as session:
            return sessions.end_session(session, command, life=self.settings.session_life, now=system_clock.now())

    @answers(wire.EndOtherSessions)
    def end_other_sessions(self, command: wire.EndOtherSessions) -> wire.Done:
        """Sign out everywhere else."""
        with self.db.transaction() as session:
            return sessions.end_other_sessions(
                session, command, life=self.settings.session_life, now=system_clock.now()
            )

    @answers(wire.GetProfile)
    def get_profile(self, command: wire.GetProfile) -> wire.ProfileView:
        """Everything of an account and its log-in."""
        with self.db.read() as session:
            return profile.get_profile(session, command, life=self.settings.session_life, now=system_clock.now())

    @answers(wire.ChangeContact)
    def change_contact(self, command: wire.ChangeContact) -> wire.CustomerView:
        """Write what a customer says of itself."""
        with self.db.transaction() as session:
            return profile.change_contact(session, command, life=self.settings.session_life, now=system_clock.now())

    @answers(wire.ChangePassword)
    def change_password(self, command: wire.ChangePassword) -> wire.Done:
        """Set another password with the present one."""
        return changing_passwords.change_password(self._prover(), command)

    @answers(wire.RequestEmailChange)
    def request_email_change(self, command: wire.RequestEmailChange) -> wire.Done:
        """Send a link to a new address."""
        return email_changes.request_email_change(self._prover(), command, link_secret=self.settings.link_secret)

    @answers(wire.WithdrawEmailChange)
    def withdraw_email_change(self, command: wire.WithdrawEmailChange) -> wire.Done:
        """Give up a change of address."""
        with self.db.transaction() as session:
            return email_changes.withdraw_email_change(
                session, command, life=self.settings.session_life, now=system_clock.now()
            )

    @answers(wire.InspectEmailChange)
    def inspect_email_change(self, command: wire.InspectEmailChange) -> wire.EmailChangeView:
        """Look at the link of a change of address."""
        with self.db.read() as session:
            return email_changes.inspect_email_change(session, command, now=system_clock.now())

    @answers(wire.ConfirmEmailChange)
    def confirm_email_change(self, command: wire.ConfirmEmailChange) -> wire.EmailChangeView:
        """Put the new address on file."""
        return email_changes.confirm_email_change(self.db, command, now=system_clock.now())

    @answers(wire.SetBusinessClock)
    def set_business_clock(self, command: wire.SetBusinessClock) -> wire.ClockView:
        """Move the business's clock, here and in every service."""
        return again_if_taken(
            self.db,
            lambda session: business_clock.set_business_clock(session, command, clock=self.clock),
        )

    @answers(wire.GetBusinessClock)
    def get_business_clock(self, command: wire.GetBusinessClock) -> wire.ClockView:
        """How the business's clock is set."""
        with self.db.read() as session:
            return business_clock.business_clock(session, clock=self.clock)

    @works("upkeep", every_s=3600)
    def remove_what_is_over(self) -> bool:
        """Delete what is over; once an hour is enough."""
        with self.db.transaction() as session:
            upkeep.remove_what_is_over(session, life=self.settings.session_life, now=system_clock.now())
        return False

    def _prover(self) -> Prover:
        return Prover(self.db, self.vault, life=self.settings.session_life, now=system_clock.now())
