"""Everything that the portal keeps of a customer, as one JSON file: whole or not at all.

The first page of every list is asked for together with the session check; each is then read to its end.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, Response, current_app

from contracts.balance import ListActivity
from contracts.billing import GetInvoice, ListCredits, ListInvoices, ListVisits
from contracts.identity import GetProfile
from contracts.notify import GetNotifications, ListContactMessages, ListDeliveries, ListTexts
from contracts.payments import GetAutoPay, ListAutoPayConsents, ListCards, ListPayments
from contracts.wire import Command, Refused
from gateway.composition import ServiceAway, read_page
from gateway.log import log
from gateway.rpc import READ_TIMEOUT_S, backend
from gateway.visitor import Visitor, visitor

pages = Blueprint("my_data", __name__, url_prefix="/profile")

PAGE = 100
AT_ONCE = 50
"""Invoices that are asked for together."""

LONGEST_S = 60.0
"""Beyond this an account is too large to be read while somebody waits: nothing is answered, rather than a part."""


@dataclass(frozen=True)
class _List:
    """A list that is read to its end: its first page, and which field of a page holds the rows."""

    first: Command[Any]
    rows: str


@pages.get("/data.json")
def download() -> Response:
    """The file. Without every service there is none."""
    give_up_at = time.monotonic() + LONGEST_S
    who = visitor()
    lists = _lists(who.customer_id)
    panels = read_page(**_singles(who), **{name: each.first for name, each in lists.items()})
    found = {name: panels.need(name) for name in _singles(who)}
    pages_of = {name: panels.need(name) for name in lists}
    data: dict[str, Any] = {name: _rows(lists[name], first, give_up_at) for name, first in pages_of.items()}
    data["invoices"] = _whole(who.customer_id, data["invoices"], give_up_at)
    profile = found["profile"]
    log.info("data_downloaded", customer_id=who.customer_id)
    body = msgspec.json.format(msgspec.json.encode({**found, **data}), indent=2)
    response = current_app.response_class(body, mimetype="application/json")
    name = re.sub(r"[^A-Za-z0-9-]+", "-", profile.customer.reference).strip("-")
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{name or "account"}.json"'
    return response


def _singles(who: Visitor) -> Mapping[str, Command[Any]]:
    return {
        "profile": GetProfile(session_token=who.session_token, customer_id=who.customer_id),
        "cards": ListCards(customer_id=who.customer_id),
        "auto_pay": GetAutoPay(customer_id=who.customer_id),
        "auto_pay_consents": ListAutoPayConsents(customer_id=who.customer_id),
        "notifications": GetNotifications(customer_id=who.customer_id),
    }


def _lists(customer_id: str) -> Mapping[str, _List]:
    return {
        "invoices": _List(ListInvoices(customer_id=customer_id, limit=PAGE), "invoices"),
        "credits": _List(ListCredits(customer_id=customer_id, limit=PAGE), "credits"),
        "payments": _List(ListPayments(customer_id=customer_id, limit=PAGE), "payments"),
        "account_history": _List(ListActivity(customer_id=customer_id, limit=PAGE), "rows"),
        "upcoming_visits": _List(ListVisits(customer_id=customer_id, period="upcoming", limit=PAGE), "visits"),
        "past_visits": _List(ListVisits(customer_id=customer_id, period="past", limit=PAGE), "visits"),
        "e_mails": _List(ListDeliveries(customer_id=customer_id, limit=PAGE), "deliveries"),
        "texts": _List(ListTexts(customer_id=customer_id, limit=PAGE), "texts"),
        "messages": _List(ListContactMessages(customer_id=customer_id, limit=PAGE), "messages"),
    }


def _rows(each: _List, page: Any, give_up_at: float) -> list[Any]:
    rows = list(getattr(page, each.rows))
    while page.next_cursor:
        command = msgspec.structs.replace(each.first, cursor=page.next_cursor)
        page = _answers({"page": command}, give_up_at)["page"]
        rows += getattr(page, each.rows)
    return rows


def _whole(customer_id: str, summaries: list[Any], give_up_at: float) -> list[Any]:
    """The invoices with their lines and what was put on them."""
    invoices: list[Any] = []
    for start in range(0, len(summaries), AT_ONCE):
        ids = [summary.invoice_id for summary in summaries[start : start + AT_ONCE]]
        commands = {each: GetInvoice(customer_id=customer_id, invoice_id=each) for each in ids}
        answers = _answers(commands, give_up_at)
        invoices += [answers[each] for each in ids]
    return invoices


def _answers(commands: Mapping[str, Command[Any]], give_up_at: float) -> dict[str, Any]:
    if time.monotonic() > give_up_at:
        raise ServiceAway("my_data")
    answers = backend().gather(commands, timeout_s=READ_TIMEOUT_S)
    for answer in answers.values():
        if isinstance(answer, Refused):
            log.warning("data_not_downloaded", code=answer.code, reason=answer.message)
            raise ServiceAway("my_data")
    return answers
