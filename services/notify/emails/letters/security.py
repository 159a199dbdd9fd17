"""Notices about a customer's log-in, to the address that it had: whoever did not do this can act."""

from datetime import timedelta

from services.notify.domain.facts.security import NewAddressFacts, NewPasswordFacts
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling


def asked_subject(facts: NewAddressFacts, business: Business, formats: Formats) -> str:
    """What is about to happen."""
    return one_line(f"Your e-mail address at {business.name} is about to change")


def changed_subject(facts: NewAddressFacts, business: Business, formats: Formats) -> str:
    """What has happened."""
    return one_line(f"Your e-mail address at {business.name} was changed")


def password_subject(facts: NewPasswordFacts, business: Business, formats: Formats) -> str:
    """What has happened."""
    return one_line(f"Your password at {business.name} was changed")


def asked_letter(facts: NewAddressFacts, business: Business, formats: Formats) -> Letter:
    """Somebody who knew the password wants another address."""
    return Letter(
        subject=asked_subject(facts, business, formats),
        template="notice",
        values={
            "addressee": facts.name,
            "preview": f"We sent a link to {facts.new_email}.",
            "heading": "Your e-mail address is about to change",
            "intro": f"You asked to use {facts.new_email} instead of this address. It changes when the link "
            "that we sent there is opened.",
            "if_not": "Wasn’t this you? Choose another password in your profile: that stops it. Then let us know.",
            "button": "Open your profile",
            "url": portal_links.profile(business.portal_url),
        },
    )


def changed_letter(facts: NewAddressFacts, business: Business, formats: Formats) -> Letter:
    """The address is another one now."""
    return Letter(
        subject=changed_subject(facts, business, formats),
        template="notice",
        values={
            "addressee": facts.name,
            "preview": f"From now on we write to {facts.new_email}.",
            "heading": "Your e-mail address was changed",
            "intro": f"From now on you log in with {facts.new_email}, and invoices and receipts go there. You can no "
            "longer log in with this address.",
            "if_not": "Wasn’t this you? Reply to this e-mail or call us right away, and we will set it right.",
            "button": "Log in",
            "url": portal_links.log_in(business.portal_url),
        },
    )


def password_letter(facts: NewPasswordFacts, business: Business, formats: Formats) -> Letter:
    """The password is another one now."""
    changed = formats.moment(facts.changed_at)
    return Letter(
        subject=password_subject(facts, business, formats),
        template="notice",
        values={
            "addressee": facts.name,
            "preview": f"Changed on {changed}.",
            "heading": "Your password was changed",
            "intro": f"The password of your account was changed on {changed}. You are signed out everywhere else.",
            "if_not": "Wasn’t this you? Choose a new password right away with Forgot Password, and let us know.",
            "button": "Forgot Password",
            "url": portal_links.forgot_password(business.portal_url),
        },
    )


def address_sample(sampling: Sampling) -> NewAddressFacts:
    """Another address of the same person."""
    return NewAddressFacts(name="Ana Lima", new_email="ana.lima@example.org")


def password_sample(sampling: Sampling) -> NewPasswordFacts:
    """A moment ago."""
    return NewPasswordFacts(name="Ana Lima", changed_at=sampling.now - timedelta(minutes=1))


KINDS = (
    LetterKind(
        kind="email_change_requested",
        facts=NewAddressFacts,
        subject=asked_subject,
        write=asked_letter,
        sample=address_sample,
        goes_to="address",
    ),
    LetterKind(
        kind="email_changed",
        facts=NewAddressFacts,
        subject=changed_subject,
        write=changed_letter,
        sample=address_sample,
        goes_to="address",
    ),
    LetterKind(
        kind="password_changed",
        facts=NewPasswordFacts,
        subject=password_subject,
        write=password_letter,
        sample=password_sample,
        goes_to="address",
    ),
)
