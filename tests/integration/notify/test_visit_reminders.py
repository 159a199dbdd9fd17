"""Reminders of visits: on the day before, once, by the way that the customer chose, whatever moves or comes twice."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from chassis.ids import new_id
from contracts.notify import ChooseNotifications
from tests.support.notify import Notify
from tests.support.notify_customers import agree
from tests.support.notify_events import ANA, contact, visit
from tests.support.notify_mail import text_of

NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 3, 18)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=NEW_YORK).astimezone(UTC)


def before(day: date, hour: int, minute: int = 0) -> datetime:
    return at(day - timedelta(days=1), hour, minute)


@pytest.fixture
def ready(notify: Notify) -> Notify:
    """Weeks before the visit; Ana's contact is here."""
    notify.hear(contact())
    notify.set_clock(at(date(2026, 3, 1), 12))
    return notify


def work(notify: Notify, moment: datetime | None = None) -> None:
    """Let the business's clock show a moment, and the worker run until it has nothing to do."""
    if moment is not None:
        notify.set_clock(moment)
    for _ in range(100):
        if not notify.service.remind_of_visits():
            return
    raise AssertionError("the worker never comes to an end")


def subjects(notify: Notify) -> list[str]:
    return [str(message["Subject"]) for _, message in notify.mail.sent]


def test_the_reminder_goes_out_on_the_day_before_at_ten_and_not_sooner(ready: Notify):
    ready.hear(visit())
    work(ready, before(DAY, 9, 59))
    assert ready.deliveries() == []
    work(ready, before(DAY, 10))
    (delivery,) = ready.deliveries()
    assert (delivery.kind, delivery.customer_id, delivery.state) == ("visit_reminder", ANA, "queued")
    assert delivery.subject == "Reminder: Mowing, Wednesday, March 18, 2026, 8:00 AM – 10:00 AM"


@pytest.mark.parametrize("day", [date(2026, 3, 9), date(2026, 11, 2)])
def test_the_hour_is_the_walls_on_the_days_when_clocks_change(ready: Notify, day):
    # The day before is the one of 23 or of 25 hours.
    ready.hear(visit(scheduled_on=day))
    work(ready, before(day, 10) - timedelta(minutes=1))
    assert ready.deliveries() == []
    work(ready, before(day, 10))
    assert len(ready.deliveries()) == 1


def test_one_reminder_whatever_runs_twice(ready: Notify):
    event = visit()
    ready.hear(event, event)
    work(ready, before(DAY, 10))
    ready.hear(event)
    for hour in (11, 15):
        work(ready, before(DAY, hour))
    ready.send()
    assert len(subjects(ready)) == 1


def test_a_visit_planned_late_on_the_day_before_is_reminded_of_at_once(ready: Notify):
    ready.set_clock(before(DAY, 17))
    ready.hear(visit())
    work(ready)
    assert len(ready.deliveries()) == 1


@pytest.mark.parametrize("origin", ["portal", "import"])
def test_a_visit_of_today_or_before_is_silent(ready: Notify, origin):
    ready.set_clock(at(DAY, 7))
    for state in ("scheduled", "completed", "cancelled"):
        ready.hear(visit(origin=origin, state=state), visit(origin=origin, state=state, scheduled_on=date(2025, 1, 2)))
    work(ready)
    assert ready.deliveries() == []


def test_an_imported_visit_that_is_still_to_come_is_reminded_of(ready: Notify):
    ready.hear(visit(origin="import"))
    work(ready, before(DAY, 10))
    assert len(ready.deliveries()) == 1


def test_a_clock_moved_over_days_reminds_of_nothing_that_is_over(ready: Notify):
    ready.hear(visit())
    work(ready, at(DAY + timedelta(days=3), 12))
    assert ready.deliveries() == []
    # Back again, as in a demo: what was passed over stays passed over.
    work(ready, before(DAY, 12))
    assert ready.deliveries() == []


def test_a_moved_visit_moves_its_reminder(ready: Notify):
    visit_id, later = new_id(), DAY + timedelta(days=3)
    ready.hear(visit(visit_id), visit(visit_id, version=2, scheduled_on=later))
    work(ready, before(DAY, 10))
    assert ready.deliveries() == []
    work(ready, before(later, 10))
    assert len(ready.deliveries()) == 1


def test_who_was_reminded_is_told_of_the_move_and_reminded_again(ready: Notify):
    visit_id, later = new_id(), DAY + timedelta(days=3)
    ready.hear(visit(visit_id))
    work(ready, before(DAY, 10))
    ready.send()
    ready.hear(visit(visit_id, version=2, scheduled_on=later))
    ready.send()
    assert [subject.split(":")[0] for subject in subjects(ready)] == ["Reminder", "Moved"]
    work(ready, before(later, 10))
    ready.send()
    assert [subject.split(":")[0] for subject in subjects(ready)] == ["Reminder", "Moved", "Reminder"]


def test_who_was_told_of_the_move_on_the_day_before_hears_it_once(ready: Notify):
    visit_id = new_id()
    ready.hear(visit(visit_id))
    work(ready, before(DAY, 10))
    ready.send()
    ready.set_clock(before(DAY, 16))
    ready.hear(visit(visit_id, version=2, arrives_from=time(13), arrives_until=time(15)))
    work(ready)
    ready.send()
    assert [subject.split(":")[0] for subject in subjects(ready)] == ["Reminder", "Moved"]


def test_a_move_on_the_very_day_is_told_too(ready: Notify):
    visit_id = new_id()
    ready.hear(visit(visit_id))
    work(ready, before(DAY, 10))
    ready.send()
    ready.set_clock(at(DAY, 7))
    ready.hear(visit(visit_id, version=2, scheduled_on=DAY + timedelta(days=1)))
    ready.send()
    assert subjects(ready)[-1].startswith("Moved: Mowing, now Thursday, March 19")


def test_a_reminder_that_is_not_out_yet_gives_way_to_the_move(ready: Notify):
    visit_id, later = new_id(), DAY + timedelta(days=3)
    ready.hear(visit(visit_id))
    work(ready, before(DAY, 10))
    ready.hear(visit(visit_id, version=2, scheduled_on=later))
    ready.send()
    assert subjects(ready) == []
    assert ready.states() == ["withdrawn"]
    work(ready, before(later, 10))
    ready.send()
    assert [subject.split(":")[0] for subject in subjects(ready)] == ["Reminder"]


def test_a_cancelled_visit_withdraws_its_reminder(ready: Notify):
    planned, queued, told = new_id(), new_id(), new_id()
    ready.hear(visit(planned), visit(planned, version=2, state="cancelled"), visit(told, service="Pruning"))
    work(ready, before(DAY, 10))
    ready.send()
    ready.hear(visit(queued))
    work(ready)
    ready.hear(visit(queued, version=2, state="cancelled"))
    ready.send()
    assert [subject.split(",")[0] for subject in subjects(ready)] == ["Reminder: Pruning"]
    # Whoever waits for the crew is told that it does not come.
    ready.hear(visit(told, version=2, state="cancelled", service="Pruning"))
    work(ready, before(DAY, 12))
    ready.send()
    assert [subject.split(",")[0] for subject in subjects(ready)] == ["Reminder: Pruning", "Cancelled: Pruning"]


def test_a_changed_note_alone_tells_nobody_anew(ready: Notify):
    visit_id = new_id()
    ready.hear(visit(visit_id))
    work(ready, before(DAY, 10))
    ready.send()
    ready.hear(visit(visit_id, version=2, crew_note="Bring the dog in, please."))
    work(ready, before(DAY, 12))
    ready.send()
    assert len(subjects(ready)) == 1


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_any_order_of_events_ends_in_the_same_reminder(ready: Notify, order):
    visit_id = new_id()
    events = [
        visit(visit_id),
        visit(visit_id, version=2, scheduled_on=DAY + timedelta(days=5)),
        visit(visit_id, version=3, scheduled_on=DAY + timedelta(days=1), service="Pruning"),
    ]
    for index in order:
        ready.hear(events[index])
    for day in range(8):
        work(ready, before(DAY + timedelta(days=day), 11))
        ready.send()
    assert [subject.split(",")[0:2] for subject in subjects(ready)] == [["Reminder: Pruning", " Thursday"]]


def test_a_reminder_that_could_not_be_sent_is_withdrawn_once_the_crew_may_be_there(ready: Notify):
    ready.hear(visit())
    work(ready, before(DAY, 10))
    work(ready, at(DAY, 7, 59))
    assert ready.states() == ["queued"]
    work(ready, at(DAY, 8))
    assert ready.states() == ["withdrawn"]


def test_a_reminder_waits_for_the_contact_that_comes_after_it(notify: Notify):
    notify.set_clock(before(DAY, 12))
    notify.hear(visit())
    work(notify)
    assert notify.states() == ["waiting_for_contact"]
    notify.hear(contact())
    assert notify.states() == ["queued"]


def test_the_letter_says_when_what_where_and_the_crews_note(ready: Notify):
    ready.hear(visit(crew_note="Gate <b>open</b>?"))
    work(ready, before(DAY, 10))
    ready.send()
    words = text_of(ready.mail.sent[0][1])
    for expected in ("Wednesday, March 18, 2026", "8:00\u202fAM – 10:00\u202fAM", "Mowing", "14 Elm St"):
        assert expected in words
    assert "Gate <b>open</b>?" in words
    assert "https://portal.greenacres.example/services/" in words


@pytest.mark.parametrize(
    ("way", "mails", "texts"), [("email", 1, 0), ("text", 0, 1), ("both", 1, 1), ("none", 0, 0), (None, 1, 1)]
)
def test_the_reminder_comes_by_the_way_that_was_chosen(ana: Notify, way, mails, texts):
    agree(ana)
    ana.send_texts()
    ana.texting.sent.clear()
    if way is not None:
        ana.ask(ChooseNotifications(customer_id=ANA, emails=[], visit_reminder=way))
    ana.set_clock(before(DAY, 9))
    ana.hear(visit())
    work(ana, before(DAY, 10))
    ana.send()
    ana.send_texts()
    assert (len(subjects(ana)), len(ana.texting.bodies)) == (mails, texts)


def test_the_text_is_short_and_a_cancelled_visit_takes_it_back(ana: Notify):
    agree(ana)
    ana.send_texts()
    ana.texting.sent.clear()
    gone = new_id()
    ana.set_clock(before(DAY, 9))
    ana.hear(visit(), visit(gone))
    work(ana, before(DAY, 10))
    ana.hear(visit(gone, version=2, state="cancelled"))
    ana.send_texts()
    (body,) = ana.texting.bodies
    assert body == (
        "Green Acres Lawn: reminder of your visit, Mowing at 14 Elm St: Wednesday, March 18, 2026, "
        "8:00 AM - 10:00 AM. Reply STOP to stop."
    )
