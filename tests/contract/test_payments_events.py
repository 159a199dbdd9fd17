"""payments' events on the wire: a golden file per event and version, and what payments really records.

A golden file is never edited: a listener that was written for it must go on reading it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from contracts import payments as wire
from contracts.wire import Envelope, Event
from tests.support.auto_pay import AutoPay, at
from tests.support.golden import events_of, misfits
from tests.support.payments import CUSTOMER, PACKAGE, Payments, recorded

FOLDER = Path(__file__).parent / "events" / "payments"
EVENTS = events_of(wire)
FILES = sorted(FOLDER.glob("*.json"))


def golden(kind: type[Event]) -> Any:
    return json.loads((FOLDER / f"{kind.fact}.v{kind.schema_version}.json").read_text())


def kind_of(envelope: Envelope) -> type[Event]:
    return next(kind for kind in EVENTS if kind.event_name == envelope.name)


def test_every_event_has_a_golden_file_and_every_file_an_event():
    assert {file.name.split(".")[0] for file in FILES} == {kind.fact for kind in EVENTS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_file_is_read_and_written_again_as_it_is(file: Path):
    raw = file.read_bytes()
    envelope = msgspec.json.decode(raw, type=Envelope)
    assert file.name == f"{kind_of(envelope).fact}.v{envelope.schema_version}.json"

    written = json.loads(msgspec.json.encode(msgspec.convert(envelope.payload, kind_of(envelope))))

    # What was in the file is still there, unchanged; a newer field may have joined it.
    assert json.loads(raw)["payload"].items() <= written.items()


@pytest.fixture
def told(tmp_path: Path) -> Iterator[list[Envelope]]:
    """What payments records when each of its events happens."""
    url = f"sqlite:///{tmp_path}/payments.sqlite"
    upgrade(url, PACKAGE)
    database = Database(url)
    payments = Payments(database)
    payments.pay(key="succeeded")
    disputed = payments.stripe.give_back(payments.stripe.only().intent_id, 2_000, kind="dispute")
    payments.webhook("charge.dispute.created", disputed)
    payments.work()
    payments.stripe.take_again(disputed)
    payments.webhook("charge.dispute.closed", disputed)
    payments.work()
    payments.billing.customers.clear()
    payments.pay(key="failed", payment_method="pm_no_money")
    payments.pay(key="cancelled", payment_method="pm_asks")
    payments.pass_time(minutes=31)
    payments.ask(wire.RecordPayments(rows=[recorded()]))
    yield payments.envelopes() + _told_of_auto_pay(tmp_path)
    database.close()


def _told_of_auto_pay(tmp_path: Path) -> list[Envelope]:
    url = f"sqlite:///{tmp_path}/auto_pay.sqlite"
    upgrade(url, PACKAGE)
    database = Database(url)
    auto_pay = AutoPay(database)
    auto_pay.enroll("pm_expired", maximum_minor=50_000)
    auto_pay.send(50_001, due_on="2026-04-01")
    auto_pay.send(due_on="2026-04-01")
    auto_pay.live_until(at("2026-04-02"))
    expiring = auto_pay.save_card("pm_last", exp_year=2026, exp_month=4)
    auto_pay.enroll(card_id=expiring, key="enrollment-2")
    auto_pay.charge_due()
    auto_pay.ask(wire.CancelAutoPay(customer_id=CUSTOMER))
    told = auto_pay.envelopes()
    database.close()
    return told


def test_what_payments_records_has_the_shape_of_the_golden_files(told: list[Envelope]):
    assert {envelope.name for envelope in told} == {kind.event_name for kind in EVENTS}
    for envelope in told:
        found = json.loads(msgspec.json.encode(envelope))
        assert misfits(found, golden(kind_of(envelope))) == []


def test_no_event_carries_a_secret_of_the_provider(told: list[Envelope]):
    words = msgspec.json.encode(told).decode()

    assert "secret" not in words
    assert "pm_" not in words
    assert "cus_" not in words
