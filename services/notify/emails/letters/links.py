"""The e-mails that carry a one-time link."""

from datetime import timedelta

from services.notify.domain.facts.links import LinkFacts, OpenedLink
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling


def sign_up_subject(facts: LinkFacts | OpenedLink, business: Business, formats: Formats) -> str:
    """Needs no token: it is shown to staff too."""
    return one_line(f"Your link to sign up with {business.name}")


def reset_subject(facts: LinkFacts | OpenedLink, business: Business, formats: Formats) -> str:
    """The same for a new password."""
    return one_line(f"Your link to choose a new password for {business.name}")


def sign_up_letter(link: OpenedLink, business: Business, formats: Formats) -> Letter:
    """A customer signs up."""
    return Letter(
        subject=sign_up_subject(link, business, formats),
        template="link",
        values={
            "preview": "Choose your password, and you can log in.",
            "heading": "Welcome",
            "intro": "Choose a password, and you can see your invoices and pay them online any time.",
            "button": "Choose a password",
            "url": portal_links.set_password(business.portal_url, link.token),
            "until": formats.moment(link.expires_at),
        },
    )


def reset_letter(link: OpenedLink, business: Business, formats: Formats) -> Letter:
    """A customer wants a new password."""
    return Letter(
        subject=reset_subject(link, business, formats),
        template="link",
        values={
            "preview": "Choose a new password with this link.",
            "heading": "Choose a new password",
            "intro": "Choose a new password with this link. Until you do, the one you have keeps working.",
            "button": "Choose a new password",
            "url": portal_links.set_password(business.portal_url, link.token),
            "until": formats.moment(link.expires_at),
        },
    )


def link_sample(sampling: Sampling) -> OpenedLink:
    """A link that leads nowhere."""
    return OpenedLink(name="Ana Lima", token="sample" * 7, expires_at=sampling.now + timedelta(hours=1))


KINDS = (
    LetterKind(
        kind="sign_up_link",
        facts=LinkFacts,
        subject=sign_up_subject,
        write=sign_up_letter,
        sample=link_sample,
        goes_to="address",
        opens_link=True,
    ),
    LetterKind(
        kind="reset_link",
        facts=LinkFacts,
        subject=reset_subject,
        write=reset_letter,
        sample=link_sample,
        goes_to="address",
        opens_link=True,
    ),
)
