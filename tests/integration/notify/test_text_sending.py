"""Sending texts: once each, not at night, not to those who stopped, and after any fault."""

from datetime import timedelta

import pytest
from eventlet.greenpool import GreenPool
from sqlalchemy import select

from chassis.ids import new_id
from services.notify.clients.texting import OutcomeUnknown, TextNotNow, TextRefused
from services.notify.models import TextMessage
from services.notify.operations import texts
from tests.support.notify import Notify
from tests.support.notify_customers import MORNING, NIGHT, NOON, NUMBER, OTHER_PHONE, agree, decline, has_phone, page
from tests.support.notify_events import ANA
from tests.support.notify_texting import PORTAL, incoming, report


@pytest.fixture
def on(ana: Notify) -> Notify:
    """Ana has agreed, and has her confirmation."""
    agree(ana)
    ana.send_texts()
    ana.texting.sent.clear()
    return ana


def remind(notify: Notify, body: str = "Mowing tomorrow, 8 to 10", **options) -> bool:
    options = {"source_id": new_id(), "customer_id": ANA, **options}
    with notify.database.transaction() as session:
        return texts.add_text(session, kind="visit_reminder", body=body, now=notify.clock.now(), **options)


def state(notify: Notify) -> str:
    return notify.texts()[-1].state


def test_a_reminder_goes_out_once_and_its_words_are_not_kept(on: Notify):
    assert remind(on, source_id="visit-1")
    assert remind(on, source_id="visit-1")
    on.send_texts()
    assert on.texting.bodies == ["Mowing tomorrow, 8 to 10"]
    with on.database.read() as session:
        assert session.scalars(select(TextMessage.body)).all() == [None, None]


def test_nothing_is_queued_for_those_who_did_not_agree(ana: Notify):
    assert not remind(ana)
    assert ana.texts() == []


def test_at_night_a_text_waits_for_the_morning(on: Notify):
    on.set_clock(NIGHT)
    remind(on)
    on.send_texts()
    seen = page(on)
    assert on.texting.sent == []
    assert (seen.quiet_until, seen.quiet_zone) == (MORNING, "America/New_York")
    on.set_clock(MORNING)
    on.send_texts()
    assert len(on.texting.sent) == 1


def test_the_morning_comes_by_itself(on: Notify):
    on.set_clock(MORNING - timedelta(minutes=10))
    remind(on)
    on.send_texts()
    with on.database.read() as session:
        waiting = session.scalars(select(TextMessage).where(TextMessage.state == "queued")).one()
    assert waiting.next_try_at is not None
    assert abs(waiting.next_try_at - on.clock.now() - timedelta(minutes=10)) < timedelta(minutes=1)


def test_consent_is_checked_again_in_the_morning(on: Notify):
    on.set_clock(NIGHT)
    remind(on)
    on.send_texts()
    decline(on)
    on.set_clock(MORNING)
    on.send_texts()
    assert on.texting.sent == []
    assert state(on) == "withdrawn"


def test_a_text_is_not_sent_to_a_number_that_is_no_more_on_file(on: Notify):
    on.set_clock(NIGHT)
    remind(on)
    on.send_texts()
    has_phone(on, OTHER_PHONE, version=2)
    agree(on)
    on.set_clock(MORNING)
    on.send_texts()
    assert on.texting.bodies == [on.text_desk.terms.words.confirmation()]


def test_a_text_that_comes_too_late_is_not_sent(on: Notify):
    on.set_clock(NIGHT)
    remind(on, expires_at=MORNING - timedelta(hours=1))
    on.send_texts()
    on.set_clock(MORNING)
    on.send_texts()
    assert (on.texting.sent, state(on)) == ([], "withdrawn")


def test_a_carriers_block_ends_consent_and_the_page_says_so(on: Notify):
    on.texting.trouble = lambda to: TextRefused("21610: Attempt to send to unsubscribed recipient", code=21610)
    remind(on)
    on.send_texts()
    seen = page(on)
    assert (seen.switch, seen.history[0].action, seen.history[0].source) == ("blocked", "opt_out", "carrier")
    assert state(on) == "failed"
    assert not remind(on)


@pytest.mark.parametrize("code", [21211, 21614])
def test_a_number_that_no_text_reaches_is_marked_until_it_writes(on: Notify, code):
    on.texting.trouble = lambda to: TextRefused(f"{code}: no such phone", code=code)
    remind(on)
    on.send_texts()
    assert page(on).switch == "invalid"
    assert not remind(on)
    on.ask(incoming(NUMBER, "hello?"))
    assert page(on).switch == "on"


def test_another_refusal_says_nothing_about_the_number(on: Notify):
    on.texting.trouble = lambda to: TextRefused("21408: Permission to send has not been enabled", code=21408)
    remind(on)
    on.send_texts()
    assert (state(on), page(on).switch) == ("failed", "on")


def test_what_cannot_be_sent_now_is_sent_later(on: Notify):
    on.texting.trouble = lambda to: TextNotNow("429: Too Many Requests")
    remind(on)
    on.send_texts()
    assert on.texts()[-1].last_error == "429: Too Many Requests"
    on.texting.trouble = lambda to: None
    on.clock.later(seconds=11)
    on.send_texts()
    assert (len(on.texting.sent), on.texting.looks, state(on)) == (1, 0, "sent")


def test_a_text_whose_answer_was_lost_is_looked_for_and_not_sent_twice(on: Notify):
    on.texting.after_taking = lambda to: OutcomeUnknown("the connection was reset")
    remind(on)
    on.send_texts()
    assert state(on) == "queued"
    on.clock.later(seconds=31)
    on.send_texts()
    assert (len(on.texting.sent), state(on)) == (1, "sent")


def test_a_text_that_never_arrived_there_is_sent_after_a_look(on: Notify):
    on.texting.trouble = lambda to: OutcomeUnknown("timed out")
    remind(on)
    on.send_texts()
    on.texting.trouble = lambda to: None
    on.clock.later(seconds=31)
    on.send_texts()
    assert (len(on.texting.sent), on.texting.looks, state(on)) == (1, 1, "sent")


def test_two_texts_of_the_same_words_are_told_apart(on: Notify):
    remind(on)
    on.send_texts()
    on.texting.trouble = lambda to: OutcomeUnknown("timed out")
    remind(on)
    on.send_texts()
    on.texting.trouble = lambda to: None
    on.clock.later(seconds=31)
    on.send_texts()
    assert len(on.texting.sent) == 2


def test_a_worker_that_died_after_handing_over_leaves_a_text_to_be_looked_for(on: Notify):
    class Killed(BaseException):
        pass

    on.texting.after_taking = lambda to: Killed()  # type: ignore[return-value,assignment]
    remind(on)
    with pytest.raises(Killed):
        on.send_texts()
    on.texting.after_taking = lambda to: None
    on.send_texts()
    assert len(on.texting.sent) == 1
    on.clock.later(minutes=3)
    on.send_texts()
    assert (len(on.texting.sent), on.texting.looks, state(on)) == (1, 1, "sent")


def test_a_report_settles_what_no_answer_told(on: Notify):
    on.texting.after_taking = lambda to: OutcomeUnknown("timed out")
    remind(on)
    on.send_texts()
    on.ask(report(on.texting.reports_to[-1], on.texting.taken[0].sid, "delivered"))
    on.clock.later(minutes=3)
    on.send_texts()
    assert (len(on.texting.sent), on.texting.looks, state(on)) == (1, 0, "delivered")


def test_reports_may_come_in_any_order_and_twice(on: Notify):
    remind(on)
    on.send_texts()
    url, sid = on.texting.reports_to[-1], on.texting.taken[0].sid
    for status in ("delivered", "sent", "delivered", "queued"):
        assert on.ask(report(url, sid, status)).known
        assert state(on) == "delivered"


def test_an_undelivered_text_has_failed_with_its_code(on: Notify):
    remind(on)
    on.send_texts()
    url, sid = on.texting.reports_to[-1], on.texting.taken[0].sid
    on.ask(report(url, sid, "undelivered", ErrorCode="30003"))
    on.ask(report(url, sid, "sent"))
    assert (state(on), on.texts()[-1].last_error) == ("failed", "30003: undelivered")
    assert page(on).switch == "on"


@pytest.mark.parametrize(("code", "switch"), [("21610", "blocked"), ("30006", "invalid")])
def test_a_report_may_bring_the_block_or_the_end_of_a_number(on: Notify, code, switch):
    remind(on)
    on.send_texts()
    on.ask(report(on.texting.reports_to[-1], on.texting.taken[0].sid, "failed", ErrorCode=code))
    assert page(on).switch == switch


def test_a_report_of_a_text_that_is_not_ours_is_no_error(on: Notify):
    assert not on.ask(report(f"{PORTAL}/webhooks/twilio/status?text=nobody", "SM" + "0" * 32, "sent")).known


def test_workers_at_once_send_each_text_once(on: Notify):
    for number in range(12):
        remind(on, f"Visit {number}")
    pool = GreenPool(4)
    for _ in range(4):
        pool.spawn(on.text_desk.sender.send_some)
    pool.waitall()
    on.send_texts()
    assert sorted(on.texting.bodies) == sorted(f"Visit {number}" for number in range(12))


def test_a_text_withdrawn_with_its_reason_is_not_sent(on: Notify):
    remind(on, source_id="visit-9")
    with on.database.transaction() as session:
        texts.withdraw(session, kind="visit_reminder", source_id="visit-9")
    on.send_texts()
    assert on.texting.sent == []


def test_a_text_given_up_after_all_tries_has_failed(on: Notify):
    on.texting.trouble = lambda to: TextNotNow("503: Service Unavailable")
    remind(on)
    for _ in range(12):
        on.send_texts()
        on.clock.later(hours=13)
        on.set_clock(NOON)
    assert state(on) == "failed"
