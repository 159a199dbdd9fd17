"""All that one process needs for texts, put together from the settings."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from chassis import database
from chassis.clock import BusinessClock, system_clock
from contracts import codes
from contracts.notify import NotificationsView, ReceiveText, ReceiveTextStatus
from contracts.wire import Refused
from services.notify.clients.texting import Texting
from services.notify.notifications import notifications
from services.notify.operations.text_sending import TextSender, reports_at
from services.notify.operations.text_setup import TextSetup
from services.notify.settings import NotifySettings


@dataclass(frozen=True, kw_only=True)
class TextDesk:
    """`texting` None: no texts are offered, and no webhook is genuine."""

    terms: TextSetup
    texting: Texting | None
    sender: TextSender
    clock: BusinessClock

    def check_genuine(self, command: ReceiveText | ReceiveTextStatus) -> None:
        """Refuse `invalid` what the provider did not sign."""
        texting = self.texting
        if texting is None or not texting.is_genuine(command.url, command.fields, command.signature):
            raise Refused(codes.INVALID, "This webhook is not signed as it should be.", field="signature")

    def view(self, session: Session, customer_id: str) -> NotificationsView:
        """What the Notifications page shows a customer."""
        return notifications(session, customer_id, self.terms, business_now=self.clock.now(session))


def text_desk_from(settings: NotifySettings) -> TextDesk:
    """Put together what has to do with texts; nothing is connected before it is used."""
    texting, clock = settings.texting, BusinessClock(settings.time_zone)
    return TextDesk(
        terms=settings.texts,
        texting=texting,
        sender=TextSender(
            database=database.shared(settings.database_url),
            texting=texting,
            report_to=reports_at(settings.portal_url),
            clock=system_clock,
            business_clock=clock,
        ),
        clock=clock,
    )
