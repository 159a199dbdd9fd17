"""Every e-mail with sample facts, written to a folder: as a page, as plain text and as a message."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from contracts.notify import EmailChoice, MessageKind
from services.notify.emails import portal_links
from services.notify.emails.composer import Composer
from services.notify.emails.letter import Recipient, Sampling
from services.notify.emails.letters import KINDS

READER = Recipient(name="Ana Lima", address="ana.lima@example.com")
"""Who the samples are for. The domain cannot exist (RFC 2606)."""

INDEX = "index.html"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One e-mail that was written."""

    kind: MessageKind
    subject: str


def write_previews(folder: Path, composer: Composer, sampling: Sampling) -> list[Preview]:
    """Write `<kind>.html`, `.txt` and `.eml` for every kind, and an index page; return what was written.

    Files of a former preview are written over; whatever else is in the folder stays. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    previews = []
    for kind, letter_kind in sorted(KINDS.items()):
        letter = letter_kind.write(letter_kind.sample(sampling), composer.business, composer.formats)
        if kind in get_args(EmailChoice):
            url = portal_links.unsubscribe(composer.business.portal_url, "sample")
            letter = replace(letter, unsubscribe_url=url)
        message = composer.compose(letter, to=READER, delivery_id=f"sample-{kind}", at=sampling.now)
        page = composer.html(letter, READER.name, shows_logo_itself=True)
        (folder / f"{kind}.html").write_text(page, encoding="utf-8")
        (folder / f"{kind}.txt").write_text(composer.text(letter, READER.name), encoding="utf-8")
        (folder / f"{kind}.eml").write_bytes(message.as_bytes())
        previews.append(Preview(kind=kind, subject=letter.subject))
    (folder / INDEX).write_text(composer.page("previews", previews=previews), encoding="utf-8")
    return previews
