import pytest

from services.notify.operations.giving_way import CALM_AFTER_S, LONGEST_WAIT_S, GivingWay


class Time:
    """Seconds that pass by sleeping; `busy_until` notes a recording with every sleep before it."""

    def __init__(self, busy_until: float = 0.0) -> None:
        self.now = 100.0
        self.busy_until = 100.0 + busy_until
        self.giving_way = GivingWay(lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now < self.busy_until:
            self.giving_way.note_recording()

    def waited(self) -> float:
        self.giving_way.wait_until_calm()
        return self.now - 100.0


def test_in_quiet_times_sending_begins_at_once():
    assert Time().waited() == 0


def test_sending_begins_a_moment_after_the_last_event():
    time = Time()
    time.giving_way.note_recording()
    assert time.waited() == pytest.approx(CALM_AFTER_S)


def test_sending_waits_for_the_end_of_a_run_of_events():
    time = Time(busy_until=5)
    time.giving_way.note_recording()
    assert 5 <= time.waited() <= 5 + 2 * CALM_AFTER_S


def test_a_stream_without_end_delays_sending_only_so_long():
    time = Time(busy_until=1_000_000)
    time.giving_way.note_recording()
    assert time.waited() == pytest.approx(LONGEST_WAIT_S, abs=CALM_AFTER_S)
