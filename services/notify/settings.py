"""notify's settings."""

import re
from collections.abc import Callable
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from chassis.postal import envelope_lines
from chassis.setting_checks import locale_name, web_address
from chassis.settings import Env, ServiceSettings, SettingsError
from services.notify.clients.addresses import mail_at
from services.notify.clients.texting import Texting
from services.notify.clients.twilio_texting import TWILIO, TwilioTexting
from services.notify.domain import colours, phone_numbers
from services.notify.domain.formats import Formats
from services.notify.domain.reminder_rules import ReminderRules
from services.notify.domain.text_words import Words
from services.notify.emails import invitation, logo
from services.notify.emails.addressing import check_sender, sender_address
from services.notify.emails.business import Business
from services.notify.emails.composer import Composer
from services.notify.operations.reminding import Reminding
from services.notify.operations.text_setup import TextSetup


def sid(prefix: str) -> Callable[[str], None]:
    """A check of one of Twilio's ids: two letters and 32 hexadecimal digits."""
    shape = re.compile(rf"{prefix}[0-9a-fA-F]{{32}}")

    def check(value: str) -> None:
        if not shape.fullmatch(value):
            raise ValueError(f"not an id of Twilio's such as {prefix}0123456789abcdef…")

    return check


class NotifySettings(ServiceSettings, frozen=True, kw_only=True):
    """What notify is told by its environment: where mail goes, and the business as its e-mails name it."""

    database_url: Annotated[str, Env("PORCHLIGHT_NOTIFY_DATABASE_URL", "notify's own database")]
    mail_url: Annotated[
        str,
        Env("PORCHLIGHT_MAIL_URL", "Where e-mails go: smtp://…, smtps://… or mailbox+http://…", check=mail_at),
    ]
    mail_from: Annotated[
        str, Env("PORCHLIGHT_MAIL_FROM", "Sender of e-mails: Name <address>, or an address", check=check_sender)
    ]
    portal_url: Annotated[
        str,
        Env("PORCHLIGHT_PORTAL_URL", "The portal's own address, such as https://portal.example.com", check=web_address),
    ]
    business_name: Annotated[str, Env("PORCHLIGHT_BUSINESS_NAME", "The business's name as customers know it")]
    business_email: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_EMAIL", "Where customers' answers to e-mails go", check=check_sender)
    ]
    business_phone: Annotated[str, Env("PORCHLIGHT_BUSINESS_PHONE", "The business's telephone number")] = ""
    business_address: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_ADDRESS", "The business's postal address; a comma ends a line")
    ] = ""
    business_website: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_WEBSITE", "The business's own website", check=web_address)
    ] = ""
    locale: Annotated[
        str, Env("PORCHLIGHT_LOCALE", "How money and dates are written, such as en_US", check=locale_name)
    ] = "en_US"
    accent_color: Annotated[
        str, Env("PORCHLIGHT_ACCENT_COLOR", "The business's own colour, #rrggbb", check=colours.check)
    ] = "#1f5f8b"

    business_logo: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_LOGO", "A file with the business's logo: PNG, JPEG or GIF", check=logo.check)
    ] = ""
    invitation_template: Annotated[
        str,
        Env("PORCHLIGHT_INVITATION_TEMPLATE", "The business's own words for invitations", check=invitation.check),
    ] = ""

    visit_reminder_hour: Annotated[
        int,
        msgspec.Meta(ge=8, le=20),
        Env("PORCHLIGHT_VISIT_REMINDER_HOUR", "Reminders of visits go out on the day before, at this hour: 8 to 20"),
    ] = 10
    unsubscribe_secret: Annotated[
        str, Env("PORCHLIGHT_UNSUBSCRIBE_SECRET", "Signs the links by which e-mails are switched off", secret=True)
    ]
    phone_region: Annotated[
        str,
        Env(
            "PORCHLIGHT_PHONE_REGION",
            "The country whose telephone numbers are written without a country code",
            check=phone_numbers.check_region,
        ),
    ] = "US"
    twilio_account_sid: Annotated[
        str, Env("TWILIO_ACCOUNT_SID", "Twilio's account, AC…; without it no texts are offered", check=sid("AC"))
    ] = ""
    twilio_auth_token: Annotated[
        str, Env("TWILIO_AUTH_TOKEN", "The account's auth token, which signs webhooks too", secret=True)
    ] = ""
    twilio_messaging_service_sid: Annotated[
        str, Env("TWILIO_MESSAGING_SERVICE_SID", "The Messaging Service that texts go by, MG…", check=sid("MG"))
    ] = ""
    twilio_api_base: Annotated[str, Env("TWILIO_API_BASE", "Where Twilio's API answers", check=web_address)] = TWILIO

    def __post_init__(self) -> None:
        given = {
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "TWILIO_MESSAGING_SERVICE_SID": self.twilio_messaging_service_sid,
        }
        missing = [name for name, value in given.items() if not value]
        if 0 < len(missing) < len(given):
            raise SettingsError(dict.fromkeys(missing, "is not set; the others of Twilio's are"))

    @property
    def texting(self) -> Texting | None:
        """Whom texts go by; None where none are offered."""
        if not self.twilio_account_sid:
            return None
        return TwilioTexting(
            account_sid=self.twilio_account_sid,
            auth_token=self.twilio_auth_token,
            messaging_service_sid=self.twilio_messaging_service_sid,
            api_base=self.twilio_api_base,
        )

    @property
    def texts(self) -> TextSetup:
        """What all that has to do with texts has to know."""
        return TextSetup(
            is_offered=bool(self.twilio_account_sid),
            words=Words(
                business=self.business_name,
                phone=self.business_phone,
                email=self.business_email,
                portal_url=self.portal_url.rstrip("/"),
            ),
            region=self.phone_region,
            business_zone=self.time_zone,
        )

    @property
    def reminding(self) -> Reminding:
        """What reminders of visits have to know."""
        return Reminding(
            rules=ReminderRules(hour=self.visit_reminder_hour, time_zone=ZoneInfo(self.time_zone)),
            formats=self.formats,
            business=self.business_name,
            texts_offered=bool(self.twilio_account_sid),
        )

    @property
    def business(self) -> Business:
        """The business as e-mails name it."""
        return Business(
            name=self.business_name,
            email=self.business_email,
            phone=self.business_phone,
            address_lines=tuple(envelope_lines(self.business_address)),
            website=self.business_website,
            portal_url=self.portal_url.rstrip("/"),
            accent_color=self.accent_color,
            invitation=invitation.load(self.invitation_template),
            logo=logo.load(self.business_logo),
        )

    @property
    def formats(self) -> Formats:
        """How the business writes money and dates."""
        return Formats(locale=self.locale, time_zone=ZoneInfo(self.time_zone))

    @property
    def composer(self) -> Composer:
        """What writes the business's e-mails; makes it anew."""
        sender = sender_address(self.mail_from, self.business_name)
        return Composer(business=self.business, formats=self.formats, sender=sender)
