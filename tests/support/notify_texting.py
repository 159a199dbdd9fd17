"""A provider of texts that remembers what it was given, and webhooks as Twilio would sign them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twilio.request_validator import RequestValidator

from chassis.ids import new_id
from contracts.notify import ReceiveText, ReceiveTextStatus
from services.notify.clients.texting import TakenText, Texting

ACCOUNT = "AC" + "5a" * 16
TOKEN = "Zq4-auth-token-for-tests-7Yd"
PORTAL = "https://portal.greenacres.example"
INBOUND = f"{PORTAL}/webhooks/twilio/messages"
OUR_NUMBER = "+16075550100"


@dataclass
class FakeTexting(Texting):
    """Takes every text, unless `trouble` names an error for its number; `loses_answers`: takes it, and says nothing."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    taken: list[TakenText] = field(default_factory=list)
    reports_to: list[str] = field(default_factory=list)
    looks: int = 0
    trouble: Callable[[str], Exception | None] = lambda to: None
    after_taking: Callable[[str], Exception | None] = lambda to: None
    numbers: list[str] = field(default_factory=list)

    def send(self, *, to: str, body: str, report_to: str) -> TakenText:
        if (error := self.trouble(to)) is not None:
            raise error
        text = TakenText(sid=f"SM{new_id().replace('-', '')}", body=body, created_at=datetime.now(UTC))
        self.sent.append((to, body))
        self.taken.insert(0, text)
        self.numbers.insert(0, to)
        self.reports_to.append(report_to)
        if (error := self.after_taking(to)) is not None:
            raise error
        return text

    def latest_to(self, number: str) -> list[TakenText]:
        self.looks += 1
        return [text for text, to in zip(self.taken, self.numbers, strict=True) if to == number]

    def is_genuine(self, url: str, fields: Mapping[str, str], signature: str) -> bool:
        return bool(RequestValidator(TOKEN).validate(url, dict(fields), signature))

    @property
    def bodies(self) -> list[str]:
        return [body for _, body in self.sent]


def incoming(number: str, body: str, *, sid: str | None = None, **fields: str) -> ReceiveText:
    """A text from a phone, as Twilio tells of it."""
    told = {
        "AccountSid": ACCOUNT,
        "Body": body,
        "From": number,
        "MessageSid": sid or f"SM{new_id().replace('-', '')}",
        "To": OUR_NUMBER,
        **fields,
    }
    return ReceiveText(url=INBOUND, fields=told, signature=signature(INBOUND, told))


def report(url: str, sid: str, status: str, **fields: str) -> ReceiveTextStatus:
    """What became of a text, as Twilio tells of it."""
    told = {"AccountSid": ACCOUNT, "From": OUR_NUMBER, "MessageSid": sid, "MessageStatus": status, **fields}
    return ReceiveTextStatus(url=url, fields=told, signature=signature(url, told))


def signature(url: str, fields: dict[str, Any]) -> str:
    return str(RequestValidator(TOKEN).compute_signature(url, fields))
