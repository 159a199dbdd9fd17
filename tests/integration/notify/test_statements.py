"""Statement ready: once a month, by the business's clock, to those for whom there is something to read."""

from datetime import UTC, date, datetime

import pytest

from chassis.ids import new_id
from contracts.notify import ChooseNotifications
from tests.support.notify import Notify
from tests.support.notify_events import ANA, contact, paid, sent
from tests.support.notify_mail import text_of

APRIL_1 = datetime(2026, 4, 1, 13, tzinfo=UTC)
"""Nine in the morning in New York."""


def tell(notify: Notify, at: datetime = APRIL_1) -> list[tuple[str, str]]:
    """Let the business's clock stand at `at`; customer and source of every statement told so far."""
    notify.set_clock(at)
    while notify.service.tell_statements():
        pass
    return [
        (str(delivery.customer_id), delivery.source_id)
        for delivery in notify.deliveries()
        if delivery.kind == "statement_ready"
    ]


def test_a_month_with_an_invoice_or_a_payment_is_told_on_the_first_of_the_next(notify: Notify):
    payer = new_id()
    notify.hear(contact(), contact("bo@example.com", customer_id=payer))
    notify.hear(sent(), sent(), paid(new_id(), customer_id=payer))
    assert tell(notify, datetime(2026, 3, 31, 23, tzinfo=UTC)) == []
    assert sorted(tell(notify)) == sorted([(ANA, f"{ANA}:2026-03"), (payer, f"{payer}:2026-03")])
    notify.send()
    (message,) = [
        mail for to, mail in notify.mail.sent if to == "bo@example.com" and "statement" in str(mail["Subject"])
    ]
    assert str(message["Subject"]) == "Your statement for March 2026 from Green Acres Lawn"
    assert "period=custom&from=2026-03-01&to=2026-03-31" in text_of(message)
    assert message["List-Unsubscribe"] is not None


def test_nobody_is_written_to_at_midnight(notify: Notify):
    notify.hear(contact(), sent())
    assert tell(notify, datetime(2026, 4, 1, 5, tzinfo=UTC)) == []
    assert len(tell(notify)) == 1


def test_a_month_is_told_once_whatever_comes_late(notify: Notify):
    notify.hear(contact(), sent())
    tell(notify)
    notify.hear(sent(), paid(new_id()))
    assert tell(notify) == [(ANA, f"{ANA}:2026-03")]
    assert tell(notify, datetime(2026, 4, 2, 13, tzinfo=UTC)) == [(ANA, f"{ANA}:2026-03")]


def test_what_comes_on_the_second_of_the_month_before_is_still_told(notify: Notify):
    notify.hear(contact())
    assert tell(notify, datetime(2026, 4, 2, 13, tzinfo=UTC)) == []
    notify.hear(paid(new_id(), effective_on=date(2026, 3, 30)))
    assert len(tell(notify, datetime(2026, 4, 2, 14, tzinfo=UTC))) == 1


def test_a_month_that_is_long_over_is_told_no_more(notify: Notify):
    notify.hear(contact(), sent())
    assert tell(notify, datetime(2026, 6, 1, 13, tzinfo=UTC)) == []
    assert tell(notify) == []


@pytest.mark.parametrize("origin", ["import"])
def test_history_brought_along_is_told_to_nobody(notify: Notify, origin):
    notify.hear(contact(), sent(origin=origin), paid(new_id(), origin=origin))
    assert tell(notify) == []


def test_whoever_does_not_want_it_gets_none(notify: Notify):
    notify.hear(contact(), sent())
    notify.ask(ChooseNotifications(customer_id=ANA, emails=["invoice_sent"], visit_reminder="email"))
    assert len(tell(notify)) == 1
    notify.send()
    assert [str(mail["Subject"])[:7] for _, mail in notify.mail.sent] == ["Invoice"]


def test_more_than_a_batch_is_told_whole(notify: Notify, monkeypatch):
    monkeypatch.setattr("services.notify.operations.statements.MOST_AT_ONCE", 2)
    customers = [new_id() for _ in range(5)]
    notify.hear(*(sent(customer_id=customer) for customer in customers))
    assert sorted(customer for customer, _ in tell(notify)) == sorted(customers)
