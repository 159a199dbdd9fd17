"""What a letter is, and what a kind of letter knows about itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from contracts.notify import MessageKind
from services.notify.domain.formats import Formats
from services.notify.emails.business import Business


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom a message is for, or whom its answer goes to."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One e-mail before it is put into a layout. `template` names `<template>.html` and `<template>.txt`.

    Answers go to the business, unless `reply_to` says to whom. `unsubscribe_url` leads to where this kind of e-mail is
    switched off, for the kinds of which there is a choice.
    """

    subject: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    reply_to: Recipient | None = None
    unsubscribe_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """What sample facts are made for: the business's currency, and the moment of the preview on its wall clock."""

    currency: str
    now: datetime

    def day(self, days: int) -> date:
        """The date so many days from today, before it where negative."""
        return (self.now + timedelta(days=days)).date()


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One kind of e-mail: the facts that its deliveries keep, and how they are put into words.

    `subject` is asked for alone too, by lists of messages that are not out yet. `sample` gives believable facts, with
    which `porchlight mail-preview` and the tests write it.
    """

    kind: MessageKind
    facts: type[msgspec.Struct]
    subject: Callable[[Any, Business, Formats], str]
    write: Callable[[Any, Business, Formats], Letter]
    sample: Callable[[Sampling], msgspec.Struct]
    # To the address that is on file when it is sent, or to the one that its delivery was made with.
    goes_to: Literal["contact", "address"] = "contact"
    # Whether it carries a one-time link, whose token is fetched when it is sent: `write` is given an OpenedLink then.
    opens_link: bool = False
