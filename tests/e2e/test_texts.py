"""Texts between the processes as they are deployed: through the gateway's webhooks, signed for the public address."""

from collections.abc import Iterator
from datetime import datetime, time

import pytest
import requests

from contracts.identity import CustomerRow, FindCustomers, ImportCustomers, SetBusinessClock
from contracts.notify import GetNotifications, ListTexts, NotificationsView, TurnTextsOn
from porchlight.connection import Services
from porchlight.local_stack import LocalStack
from tests.support.waiting import eventually

NUMBER = "+16075550188"
TIMEOUT_S = 10


@pytest.fixture
def daytime(services: Services) -> Iterator[None]:
    noon = datetime.combine(services.today(), time(12), tzinfo=services.time_zone)
    services.caller.call(SetBusinessClock(mode="frozen", at=noon))
    services.settle()
    yield
    services.caller.call(SetBusinessClock(mode="real"))
    services.settle()


@pytest.mark.usefixtures("daytime")
def test_a_text_arrives_is_reported_delivered_and_stop_is_heard(stack: LocalStack, services: Services):
    row = CustomerRow(row=1, reference="TEXT-1", name="Ana Lima", phone="(607) 555-0188")
    services.caller.call(ImportCustomers(rows=[row]))
    services.settle()
    (customer,) = services.caller.call(FindCustomers(references=["TEXT-1"]))

    def seen() -> NotificationsView:
        return services.caller.call(GetNotifications(customer_id=customer.customer_id))

    words = seen().consent.version
    services.caller.call(
        TurnTextsOn(customer_id=customer.customer_id, number=NUMBER, consent_version=words, agreed=True)
    )
    phone = f"{stack.url('sandbox')}/texts/{NUMBER}"
    eventually(lambda: "service reminders by text" in requests.get(phone, timeout=TIMEOUT_S).text)
    # The report has found its way: signed for the portal's address, sent to the gateway.
    texts = ListTexts(customer_id=customer.customer_id)
    eventually(lambda: [each.state for each in services.caller.call(texts).texts] == ["delivered"])
    requests.post(phone, data={"body": "STOP"}, timeout=TIMEOUT_S).raise_for_status()
    eventually(lambda: seen().switch == "blocked")
    assert seen().history[0].text == "STOP"
