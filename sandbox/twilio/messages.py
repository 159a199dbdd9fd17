"""Text messages: what becomes of one that is sent, and of one that a phone sends back.

Source of the numbers and codes: Twilio's documentation, "Test credentials" and "Twilio support for opt-out keywords".
"""

import datetime
import email.utils
import re
import sqlite3
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from sandbox.database import Database
from sandbox.deliveries import Deliveries
from sandbox.documents import Document, Documents
from sandbox.settings import Settings
from sandbox.twilio.errors import TwilioError, not_found
from sandbox.twilio.twiml import messages_of

CHANNEL = "twilio"
KIND = "text_message"
BLOCK = "text_block"
PHONE = re.compile(r"^\+[1-9]\d{6,14}$")
BODY_LENGTH_MAX = 1600
SEGMENT_LENGTH = 160
ATTEMPTS_MAX = 3
STOP_WORDS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
START_WORDS = ("START", "YES", "UNSTOP")
HELP_WORDS = ("HELP", "INFO")
STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
REFUSED_TO = {
    "+15005550001": (21211, "Invalid 'To' Phone Number: +15005550001"),
    "+15005550002": (21612, "The message From/To pair violates a blacklist rule."),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region."),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
"""Twilio's magic numbers: a message to them is refused."""
UNDELIVERABLE_TO = {"+15005550010": 30003, "+15005550011": 30005}
"""Numbers of the stand-in's own: a message is taken and then reported as undelivered with this code."""


class Texts:
    """The messages of one account."""

    def __init__(
        self, database: Database, deliveries: Deliveries, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._settings = settings
        self._clock = clock

    def send(
        self, *, to: str, body: str, sender: str | None, service_sid: str | None, status_callback: str | None
    ) -> Document:
        """A message on its way to a phone, which it reaches at once. Raises TwilioError as Twilio does."""
        if not to:
            raise TwilioError("A 'To' phone number is required.", code=21604)
        if not body:
            raise TwilioError("Message body is required.", code=21602)
        if not sender and not service_sid:
            raise TwilioError("A 'From' phone number is required.", code=21603)
        if len(body) > BODY_LENGTH_MAX:
            raise TwilioError("The concatenated message body exceeds the 1600 character limit", code=21617)
        if not PHONE.match(to):
            raise TwilioError(f"Invalid 'To' Phone Number: {to}", code=21211)
        if sender and sender != self._settings.twilio_phone_number:
            raise TwilioError(
                f"The From phone number {sender} is not a valid, SMS-capable inbound phone number or short code for "
                "your account.",
                code=21606,
            )
        if to in REFUSED_TO:
            code, reason = REFUSED_TO[to]
            raise TwilioError(reason, code=code)
        with self._database.transaction() as connection:
            documents = Documents(connection)
            if documents.get(BLOCK, _block_id(to)):
                raise TwilioError("Attempt to send to unsubscribed recipient", code=21610)
            message = self._new(
                to=to, body=body, sender=sender or self._settings.twilio_phone_number, service_sid=service_sid
            )
            answer = dict(message, status="accepted" if service_sid else "queued", date_sent=None)
            if service_sid:
                answer |= {"from": None, "num_segments": "0"}
            undelivered = UNDELIVERABLE_TO.get(to)
            message |= {"status": "undelivered" if undelivered else "delivered", "error_code": undelivered}
            documents.put(KIND, message, owner=to)
            added = self._report(connection, message, status_callback)
        self._deliveries.wake(added)
        return answer

    def find(self, sid: str) -> Document:
        """The message, or Twilio's 404."""
        with self._database.transaction() as connection:
            message = Documents(connection).get(KIND, sid)
        if message is None:
            raise not_found(f"/Messages/{sid}.json")
        return message

    def page(self, *, to: str | None, sender: str | None, size: int, number: int) -> tuple[list[Document], bool]:
        """Messages, newest first, and whether there are more."""
        clauses, values = [], []
        for name, value in (("to", to), ("from", sender)):
            if value is not None:
                clauses.append(f"json_extract(body, '$.{name}') = ?")
                values.append(value)
        with self._database.transaction() as connection:
            return Documents(connection).page(
                KIND, limit=size, where=" AND ".join(clauses), values=values, offset=size * number
            )

    def phones(self, *, limit: int = 200) -> list[tuple[str, int]]:
        """The numbers that have messages, with how many, the latest first."""
        with self._database.transaction() as connection:
            return Documents(connection).owners(KIND, limit=limit)

    def conversation(self, phone: str, *, limit: int = 200) -> tuple[list[Document], bool]:
        """The latest messages to and from a phone, oldest first, and whether it has stopped them."""
        with self._database.transaction() as connection:
            documents = Documents(connection)
            found, _ = documents.page(KIND, limit=limit, owner=phone)
            return found[::-1], documents.get(BLOCK, _block_id(phone)) is not None

    def reply(self, phone: str, body: str) -> Document:
        """A message from a phone, told to the account's webhook; STOP and START block and unblock as carriers do."""
        if not PHONE.match(phone):
            raise TwilioError(f"Invalid 'From' Phone Number: {phone}", code=21212)
        if not body or len(body) > BODY_LENGTH_MAX:
            raise TwilioError("Message body is required.", code=21602)
        word = body.strip().upper()
        with self._database.transaction() as connection:
            documents = Documents(connection)
            message = self._new(to=self._settings.twilio_phone_number, body=body, sender=phone, service_sid=None)
            message |= {"direction": "inbound", "status": "received"}
            documents.put(KIND, message, owner=phone)
            blocked = documents.get(BLOCK, _block_id(phone)) is not None
            answer = None
            if word in STOP_WORDS and not blocked:
                documents.put(BLOCK, {"id": _block_id(phone)}, owner=phone)
                answer = STOPPED
            elif word in START_WORDS and blocked:
                connection.execute("DELETE FROM documents WHERE id = ?", (_block_id(phone),))
                answer = STARTED
            elif word in HELP_WORDS:
                answer = HELPED
            if answer is not None:
                self._answer(documents, phone, answer)
            added = self._tell(connection, message)
        self._deliveries.wake(added)
        return message

    def read_answer(self, sid: str, body: bytes) -> None:
        """Sends to the phone what the account's webhook answered in TwiML (`<Response><Message>…`)."""
        texts = messages_of(body.decode(errors="replace"))
        with self._database.transaction() as connection:
            documents = Documents(connection)
            message = documents.get(KIND, sid)
            if message is None or message["direction"] != "inbound":
                return
            phone = message["from"]
            if documents.get(BLOCK, _block_id(phone)) is None:
                for text in texts:
                    self._answer(documents, phone, text)

    def _answer(self, documents: Documents, phone: str, body: str) -> None:
        message = self._new(to=phone, body=body, sender=self._settings.twilio_phone_number, service_sid=None)
        documents.put(KIND, message | {"direction": "outbound-reply", "status": "delivered"}, owner=phone)

    def _new(self, *, to: str, body: str, sender: str, service_sid: str | None) -> Document:
        sid = f"SM{uuid.uuid4().hex}"
        account = self._settings.twilio_account_sid
        uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
        now = email.utils.format_datetime(datetime.datetime.fromtimestamp(self._clock(), datetime.UTC))
        return {
            "id": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": body,
            "date_created": now,
            "date_sent": now,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": sender,
            "messaging_service_sid": service_sid,
            "num_media": "0",
            "num_segments": str(-(-len(body) // SEGMENT_LENGTH)),
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": to,
            "uri": f"{uri}.json",
        }

    def _report(
        self, connection: sqlite3.Connection, message: Document, status_callback: str | None
    ) -> list[tuple[float, int]]:
        if not status_callback:
            return []
        added = []
        for status in ("sent", message["status"]):
            fields = {
                "AccountSid": message["account_sid"],
                "ApiVersion": message["api_version"],
                "From": message["from"],
                "MessageSid": message["sid"],
                "MessageStatus": status,
                "SmsSid": message["sid"],
                "SmsStatus": status,
                "To": message["to"],
            }
            if message["messaging_service_sid"]:
                fields["MessagingServiceSid"] = message["messaging_service_sid"]
            if status == "undelivered":
                fields["ErrorCode"] = str(message["error_code"])
            added.append(self._webhook(connection, message["sid"], status_callback, fields))
        return added

    def _tell(self, connection: sqlite3.Connection, message: Document) -> list[tuple[float, int]]:
        if not self._settings.twilio_inbound_url:
            return []
        fields = {
            "AccountSid": message["account_sid"],
            "ApiVersion": message["api_version"],
            "Body": message["body"],
            "From": message["from"],
            "MessageSid": message["sid"],
            "NumMedia": "0",
            "NumSegments": message["num_segments"],
            "SmsMessageSid": message["sid"],
            "SmsSid": message["sid"],
            "SmsStatus": "received",
            "To": message["to"],
        }
        return [self._webhook(connection, message["sid"], self._settings.twilio_inbound_url, fields)]

    def _webhook(self, connection: sqlite3.Connection, sid: str, url: str, fields: dict[str, str]) -> tuple[float, int]:
        return self._deliveries.add(
            connection, kind=CHANNEL, subject=sid, url=url, body=urlencode(fields), attempts_max=ATTEMPTS_MAX
        )


def _block_id(phone: str) -> str:
    return f"block:{phone}"
