"""What programs outside get when they ask for the worklists: plain JSON with these names and types."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from contracts import notify, payments
from contracts.wire import Command

MARCH = datetime(2026, 3, 1, 15, tzinfo=UTC)
PAYMENT = payments.PaymentNeedingStaff(
    payment_id="p-1", customer_id="c-1", currency="USD", amount_minor=5_000, state="unknown", created_at=MARCH
)
PAGE_ON_THE_WIRE = {
    "payments": [
        {
            "payment_id": "p-1",
            "customer_id": "c-1",
            "currency": "USD",
            "amount_minor": 5_000,
            "state": "unknown",
            "created_at": "2026-03-01T15:00:00Z",
            "stripe_intent_id": None,
        }
    ],
    "next_cursor": "next",
}
REQUESTS: list[tuple[Command[Any], str, dict[str, Any], Any]] = [
    (
        payments.ListNeedingStaff(),
        "payments.list_needing_staff",
        {"cursor": None, "limit": 100},
        payments.NeedingStaffPage,
    ),
    (
        notify.ResendDelivery(delivery_id="d-1"),
        "notify.resend_delivery",
        {"delivery_id": "d-1"},
        notify.DeliveryView,
    ),
]


def test_a_page_is_this_json_and_is_read_back_the_same() -> None:
    page = payments.NeedingStaffPage(payments=[PAYMENT], next_cursor="next")
    encoded = msgspec.json.encode(page)
    assert msgspec.json.decode(encoded) == PAGE_ON_THE_WIRE
    assert msgspec.json.decode(encoded, type=payments.NeedingStaffPage) == page


@pytest.mark.parametrize(("command", "name", "fields", "answer"), REQUESTS)
def test_a_request_is_this_method_with_these_arguments_and_this_answer(
    command: Command[Any], name: str, fields: dict[str, Any], answer: Any
) -> None:
    assert f"{command.service}.{command.method}" == name
    assert msgspec.to_builtins(command) == fields
    assert command.answer_type is answer
