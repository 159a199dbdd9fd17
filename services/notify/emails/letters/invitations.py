"""The invitation to sign up: the business's own words, and the customer's own link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notify.domain.facts.links import LinkFacts, OpenedLink
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.domain.invitation_text import Block, Piece, Point
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece with its mark filled in: lines of words, and where they lead."""

    lines: list[str]
    url: str = ""


def invitation_subject(facts: LinkFacts | OpenedLink, business: Business, formats: Formats) -> str:
    """The file's own, or ours."""
    pieces = business.invitation.subject
    if not pieces:
        return one_line(f"Your customer portal at {business.name}")
    names = {"business_name": business.name, "customer_name": facts.name}
    return one_line("".join(piece.text if piece.kind == "words" else names[piece.text] for piece in pieces))


def invitation_letter(link: OpenedLink, business: Business, formats: Formats) -> Letter:
    """The business asks a customer to sign up."""
    text = business.invitation
    url = portal_links.set_password(business.portal_url, link.token)
    marks = _marks(link, business, url)

    def filled(pieces: Sequence[Piece]) -> list[Part]:
        return [Part(lines=[piece.text]) if piece.kind == "words" else marks[piece.text] for piece in pieces]

    def point(each: Point) -> dict[str, object]:
        return {"parts": filled(each.pieces), "below": [point(other) for other in each.below]}

    def block(each: Block) -> dict[str, object]:
        return {"lines": [filled(line) for line in each.lines], "points": [point(other) for other in each.points]}

    return Letter(
        subject=invitation_subject(link, business, formats),
        template="invitation",
        values={
            "preview": "See your account, invoices and services online.",
            "blocks": [block(each) for each in text.blocks],
            "plain": "\n".join("".join("\n".join(part.lines) for part in filled(line)) for line in text.lines),
            "has_link": text.has_link,
            "url": url,
            "until": formats.moment(link.expires_at),
            "sign_up_url": portal_links.sign_up(business.portal_url),
        },
    )


def invitation_sample(sampling: Sampling) -> OpenedLink:
    """A link that leads nowhere."""
    return OpenedLink(name="Ana Lima", token="sample" * 7, expires_at=sampling.now + timedelta(days=7))


def _marks(link: OpenedLink, business: Business, url: str) -> dict[str, Part]:
    website = business.website or business.portal_url
    info = [business.name, *business.address_lines, business.phone, business.email, business.website]
    return {
        "website": Part(lines=[website], url=website),
        "portal": Part(lines=[business.portal_url], url=business.portal_url),
        "business_info": Part(lines=[line for line in info if line]),
        "business_name": Part(lines=[business.name]),
        "customer_name": Part(lines=[link.name]),
        "password_link": Part(lines=[url], url=url),
    }


KINDS = (
    LetterKind(
        kind="invitation",
        facts=LinkFacts,
        subject=invitation_subject,
        write=invitation_letter,
        sample=invitation_sample,
        goes_to="address",
        opens_link=True,
    ),
)
