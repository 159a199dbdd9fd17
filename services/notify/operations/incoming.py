"""Texts that come from phones: kept once, understood, and answered."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from contracts import codes
from contracts.notify import ReceiveText, TextAnswer
from contracts.wire import Refused
from services.notify.domain import phone_numbers
from services.notify.domain.keywords import Meaning, is_carriers_stop, meaning_of
from services.notify.emails.business import Business
from services.notify.models import IncomingText, PhoneNumber
from services.notify.operations import choosing, numbers, texts_to_business
from services.notify.operations.inserting import insert_new
from services.notify.operations.passport import Cause, record
from services.notify.operations.text_setup import TextSetup

ANSWERED_AGAIN_AFTER = timedelta(hours=12)
"""A phone whose owner is away answers each of our answers by itself."""

LONGEST_BODY = 4096


def receive(
    session: Session, command: ReceiveText, setup: TextSetup, *, business: Business, now: datetime
) -> TextAnswer:
    """Take in a genuine webhook. One that comes again is given its first answer and changes nothing."""
    fields = command.fields
    sid, number = fields.get("MessageSid", ""), fields.get("From", "")
    if not 0 < len(sid) <= 64 or phone_numbers.e164(number, setup.region) != number:
        raise Refused(codes.INVALID, "This is no text from a phone.")
    body = fields.get("Body", "")[:LONGEST_BODY]
    meaning = _meaning(body, fields.get("OptOutType", ""))
    row = {"message_sid": sid, "number": number, "body": body, "meaning": meaning, "received_at": now}
    if not insert_new(session, IncomingText, **row):
        return TextAnswer(reply=session.get_one(IncomingText, sid).reply, duplicate=True)
    phone = numbers.locked(session, number)
    phone.our_number = fields.get("To", "")[:40] or phone.our_number
    # It can send texts, so it can get them.
    phone.invalid_code = None
    if meaning == "other":
        reply = _pass_on(session, phone, body, setup, business, now)
    else:
        reply = _ACTS[meaning](session, phone, body, setup, now)
    if meaning == "stop" and ("OptOutType" in fields or is_carriers_stop(body)):
        phone.blocked_at = phone.blocked_at or now
    if "OptOutType" in fields:
        # Twilio's Advanced Opt-Out has answered with the words that were entered there.
        reply = None
    if reply is not None:
        session.get_one(IncomingText, sid).reply = reply
    return TextAnswer(reply=reply, duplicate=False)


def _meaning(body: str, said_by_twilio: str) -> Meaning:
    match said_by_twilio.upper():
        case "STOP":
            return "stop"
        case "START":
            return "start"
        case "HELP":
            return "help"
    return meaning_of(body)


def _stop(session: Session, phone: PhoneNumber, body: str, setup: TextSetup, now: datetime) -> str | None:
    """End every consent to this number, whoever gave it: the phone is one."""
    cause = Cause(source="text", words=body)
    ended = numbers.end_all(session, phone.number, cause=cause, now=now)
    if phone.stopped_at is not None and not ended:
        return None
    phone.stopped_at = now
    if not ended:
        record(session, customer_id=None, number=phone.number, action="opt_out", cause=cause, now=now)
    return setup.words.stopped()


def _start(session: Session, phone: PhoneNumber, body: str, setup: TextSetup, now: datetime) -> str | None:
    """Lift a block, and agree for every customer who has this number on file: whoever holds the phone says so."""
    phone.stopped_at = phone.blocked_at = None
    owners = numbers.owners(session, phone.number)
    for customer_id in owners:
        numbers.set_consent(
            session,
            customer_id=customer_id,
            number=phone.number,
            action="opt_in",
            cause=Cause(source="text", words=body),
            now=now,
        )
        choosing.texts_turned_on(session, customer_id, now=now)
    return setup.words.confirmation() if owners else setup.words.unknown_number()


def _help(session: Session, phone: PhoneNumber, body: str, setup: TextSetup, now: datetime) -> str | None:
    return setup.words.help()


def _pass_on(
    session: Session, phone: PhoneNumber, body: str, setup: TextSetup, business: Business, now: datetime
) -> str | None:
    """For people to read: passed on to them, and answered once in a while."""
    texts_to_business.pass_on(
        session,
        number=phone.number,
        shown=phone_numbers.shown(phone.number, setup.region),
        body=body,
        owners=numbers.owners(session, phone.number),
        business=business,
        now=now,
    )
    if phone.answered_at is not None and now - phone.answered_at < ANSWERED_AGAIN_AFTER:
        return None
    phone.answered_at = now
    return setup.words.passed_on()


_ACTS = {"stop": _stop, "start": _start, "help": _help}
