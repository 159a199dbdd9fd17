"""Texts by Twilio, with its library: one pool of connections, a time-out on everything, no retries of its own.

Twilio knows no idempotency keys, so a call without an answer is never repeated here: its outcome is unknown.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from urllib3.exceptions import NewConnectionError

from services.notify.clients.texting import OutcomeUnknown, TakenText, TextError, Texting, TextNotNow, TextRefused

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT_S = 10.0
LATEST = 50
TWILIO = "https://api.twilio.com"
_CONNECTIONS = 8
_OURS_TO_MEND = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS)


class TwilioHttp(TwilioHttpClient):
    """Twilio's own HTTP client. What the library means for api.twilio.com goes to `base`: it cannot be told another."""

    def __init__(self, base: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._base = base.rstrip("/")
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0))

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        """Make a request."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, f"{self._base}{parts.path}{query}", *args, **options)


@dataclass(frozen=True, kw_only=True)
class TwilioTexting(Texting):
    """A Messaging Service of a Twilio account. Nothing is connected before the first text."""

    account_sid: str
    auth_token: str = field(repr=False)
    messaging_service_sid: str
    api_base: str = TWILIO
    timeout_s: float = TIMEOUT_S

    @cached_property
    def _client(self) -> "Client":
        # Taken in with the first text: reading the library takes a third of a second, and many a day has none.
        from twilio.rest import Client

        return Client(self.account_sid, self.auth_token, http_client=TwilioHttp(self.api_base, self.timeout_s))

    @cached_property
    def _validator(self) -> RequestValidator:
        return RequestValidator(self.auth_token)

    def send(self, *, to: str, body: str, report_to: str) -> TakenText:
        """Hand over a text. Raises TextError."""
        with _told_apart():
            message = self._client.messages.create(
                to=to,
                body=body,
                messaging_service_sid=self.messaging_service_sid,
                status_callback=report_to,
            )
        return TakenText(sid=str(message.sid), body=body, created_at=message.date_created)

    def latest_to(self, number: str) -> list[TakenText]:
        """What was sent to a number last. Raises TextNotNow."""
        try:
            with _told_apart():
                found = self._client.messages.list(to=number, limit=LATEST, page_size=LATEST)
        except TextError as error:
            # Reading changes nothing: whatever went wrong, it can be done again.
            raise TextNotNow(error, code=error.code) from error
        return [
            TakenText(sid=str(each.sid), body=each.body or "", created_at=each.date_created)
            for each in found
            if str(each.direction).startswith("outbound")
        ]

    def is_genuine(self, url: str, fields: Mapping[str, str], signature: str) -> bool:
        """Whether Twilio signed it, for this account."""
        return fields.get("AccountSid") == self.account_sid and bool(
            self._validator.validate(url, dict(fields), signature)
        )


@contextmanager
def _told_apart() -> Iterator[None]:
    """Turn what the library raises into the four ways in which a text fails."""
    try:
        yield
    except TwilioException as error:
        raise _by_status(error) from error
    except requests.ConnectTimeout as error:
        raise TextNotNow(error) from error
    except requests.ConnectionError as error:
        raise (TextNotNow if _never_left(error) else OutcomeUnknown)(error) from error
    except (requests.RequestException, OSError, ValueError) as error:
        # An answer that cannot be read is an answer to something.
        raise OutcomeUnknown(error) from error


def _by_status(error: TwilioException) -> TextError:
    # Two kinds of errors with these attributes, and others, which come from an answer that cannot be read.
    status = int(getattr(error, "status", 0) or 0)
    code = getattr(error, "code", None)
    reason = f"{code or status}: {getattr(error, 'msg', None) or getattr(error, 'title', None) or type(error).__name__}"
    number = int(str(code)) if str(code).isdigit() else None
    if status in _OURS_TO_MEND:
        return TextNotNow(reason, code=number)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.REQUEST_TIMEOUT:
        return TextRefused(reason, code=number)
    return OutcomeUnknown(reason, code=number)


def _never_left(error: requests.ConnectionError) -> bool:
    """Whether no connection was made at all."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
