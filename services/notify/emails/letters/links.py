"""The e-mails that carry a one-time link."""

from datetime import timedelta

from services.notify.domain.facts.links import LinkFacts, OpenedLink
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling

NOT_ASKED_FOR = "Didn’t ask for this? You can ignore this e-mail: nobody can change your password without the link."


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
            "ignore": NOT_ASKED_FOR,
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
            "ignore": NOT_ASKED_FOR,
        },
    )


def new_address_subject(facts: LinkFacts | OpenedLink, business: Business, formats: Formats) -> str:
    """The same for a new address."""
    return one_line(f"Your link to use this e-mail address with {business.name}")


def new_address_letter(link: OpenedLink, business: Business, formats: Formats) -> Letter:
    """A customer wants to be written to at this address."""
    return Letter(
        subject=new_address_subject(link, business, formats),
        template="link",
        values={
            "preview": "Open the link, and this is your e-mail address.",
            "heading": "Use this e-mail address",
            "intro": "Open the link: you log in with this address from now on, and invoices and receipts come here.",
            "button": "Use this address",
            "url": portal_links.confirm_email(business.portal_url, link.token),
            "until": formats.moment(link.expires_at),
            "ignore": "Didn’t ask for this? You can ignore this e-mail: without the link nothing changes.",
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
    LetterKind(
        kind="email_change_link",
        facts=LinkFacts,
        subject=new_address_subject,
        write=new_address_letter,
        sample=link_sample,
        goes_to="address",
        opens_link=True,
    ),
)
