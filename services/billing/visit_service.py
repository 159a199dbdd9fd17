"""The part of billing's entrypoints that is about visits."""

from typing import Any

from sqlalchemy.orm import Session

from chassis.clock import system_clock
from chassis.serving import answers
from contracts import billing as wire
from contracts.imports import RowResult
from services.billing import visit_queries
from services.billing.domain.rules import Moment
from services.billing.operations import feeds, visit_importing, visiting


class VisitEntrypoints:
    """Visits, for a service that has billing's database, clock and settings."""

    db: Any
    clock: Any
    settings: Any

    def _moment(self, session: Session) -> Moment:
        now = self.clock.now(session)
        return Moment(now=now, today=self.clock.date_of(now))

    @answers(wire.ImportVisits)
    def import_visits(self, command: wire.ImportVisits) -> list[RowResult]:
        """Create visits by reference and bring them up to date."""
        with self.db.transaction() as session:
            return visit_importing.import_visits(session, command, moment=self._moment(session))

    @answers(wire.ScheduleVisit)
    def schedule_visit(self, command: wire.ScheduleVisit) -> wire.VisitView:
        """Plan a visit."""
        with self.db.transaction() as session:
            return visiting.schedule_visit(session, command, moment=self._moment(session))

    @answers(wire.ChangeVisit)
    def change_visit(self, command: wire.ChangeVisit) -> wire.VisitView:
        """Move a visit or say something else of it."""
        with self.db.transaction() as session:
            return visiting.change_visit(session, command, moment=self._moment(session))

    @answers(wire.CompleteVisit)
    def complete_visit(self, command: wire.CompleteVisit) -> wire.VisitView:
        """The crew was there."""
        with self.db.transaction() as session:
            return visiting.complete_visit(session, command, moment=self._moment(session))

    @answers(wire.CancelVisit)
    def cancel_visit(self, command: wire.CancelVisit) -> wire.VisitView:
        """A visit does not take place."""
        with self.db.transaction() as session:
            return visiting.cancel_visit(session, command, moment=self._moment(session))

    @answers(wire.BillVisit)
    def bill_visit(self, command: wire.BillVisit) -> wire.VisitView:
        """Say which invoice bills a visit."""
        with self.db.transaction() as session:
            return visiting.bill_visit(session, command)

    @answers(wire.ListVisits)
    def list_visits(self, command: wire.ListVisits) -> wire.VisitPage:
        """A page of a customer's visits."""
        with self.db.read() as session:
            return visit_queries.list_visits(session, command, today=self.clock.today(session))

    @answers(wire.GetVisit)
    def get_visit(self, command: wire.GetVisit) -> wire.VisitView:
        """One of a customer's visits."""
        with self.db.read() as session:
            return visit_queries.get_visit(session, command)

    @answers(wire.GetVisitFeed)
    def get_visit_feed(self, command: wire.GetVisitFeed) -> wire.VisitFeedView:
        """A customer's calendar subscription."""
        with self.db.read() as session:
            return feeds.get_feed(session, command, secret=self.settings.link_secret)

    @answers(wire.RenewVisitFeed)
    def renew_visit_feed(self, command: wire.RenewVisitFeed) -> wire.VisitFeedView:
        """Give a calendar subscription a new address."""
        with self.db.transaction() as session:
            return feeds.renew_feed(session, command, secret=self.settings.link_secret, now=system_clock.now())

    @answers(wire.EndVisitFeed)
    def end_visit_feed(self, command: wire.EndVisitFeed) -> wire.VisitFeedView:
        """Turn a calendar subscription off."""
        with self.db.transaction() as session:
            return feeds.end_feed(session, command)

    @answers(wire.ReadVisitFeed)
    def read_visit_feed(self, command: wire.ReadVisitFeed) -> wire.VisitFeed:
        """The visits behind a calendar subscription's address."""
        with self.db.transaction() as session:
            return feeds.read_feed(session, command, now=system_clock.now(), today=self.clock.today(session))
