"""The business as its e-mails name it."""

from dataclasses import dataclass
from functools import cached_property

from services.notify.domain import colours
from services.notify.domain.invitation_text import InvitationText
from services.notify.domain.logos import Logo
from services.notify.emails import portal_links


@dataclass(frozen=True, kw_only=True)
class Business:
    """Name and contact from the settings; `portal_url` is without a slash at its end."""

    name: str
    email: str
    phone: str
    address_lines: tuple[str, ...]
    website: str
    portal_url: str
    accent_color: str
    invitation: InvitationText
    logo: Logo | None

    @cached_property
    def contact_url(self) -> str:
        """The page Contact Us."""
        return portal_links.contact(self.portal_url)

    @cached_property
    def on_accent(self) -> str:
        """The colour of words on the accent colour."""
        return colours.text_on(self.accent_color)

    @cached_property
    def link_color(self) -> str:
        """The colour of links on white."""
        return colours.as_text(self.accent_color)
