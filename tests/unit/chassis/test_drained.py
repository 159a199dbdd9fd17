import pytest

from chassis import drained as drained_module
from chassis.commands import MessageCountsView
from chassis.drained import NotDrained, drained
from contracts import codes
from contracts.wire import Refused
from tests.support.greeter.greetings import Announced

LISTENERS = {"echo": (Announced,)}
NAME = Announced.event_name


def counts(*, pending=0, published=0, handled=0, parked=0, dead=0):
    return MessageCountsView(
        outbox_pending=pending,
        published={NAME: published},
        handled={NAME: handled},
        parked={NAME: parked},
        dead={NAME: dead},
    )


class Services:
    """Answers as the services would, one state after the other; the last one stays."""

    def __init__(self, *states):
        self.states = list(states)
        self.asked = 0

    def gather(self, commands, timeout_s=0.0):
        state = self.states[min(self.asked, len(self.states) - 1)]
        self.asked += 1
        assert set(commands) == set(state)
        assert {command.service for command in commands.values()} == set(state)
        return state


def test_returns_once_all_that_was_published_has_been_handled():
    services = Services(
        {"greetings": counts(pending=1), "echo": counts()},
        {"greetings": counts(published=1), "echo": counts()},
        {"greetings": counts(published=1), "echo": counts(handled=1)},
    )
    assert drained(services, LISTENERS, 5)["echo"].handled == {NAME: 1}
    assert services.asked == 3


def test_dead_events_hold_nothing_up_and_parked_ones_do():
    drained(Services({"greetings": counts(published=2), "echo": counts(handled=1, dead=1)}), LISTENERS, 0)
    with pytest.raises(NotDrained, match=f"echo has handled 1 of 2 {NAME}"):
        drained(Services({"greetings": counts(published=2), "echo": counts(handled=1, parked=1)}), LISTENERS, 0)


def test_says_what_is_missing_when_the_time_is_over():
    unavailable = Refused(codes.UNAVAILABLE, "The service did not answer in time.")
    with pytest.raises(NotDrained) as caught:
        drained(Services({"greetings": counts(pending=3), "echo": unavailable}), LISTENERS, 0.1)
    assert caught.value.missing == [
        "echo does not answer: The service did not answer in time.",
        "greetings has 3 events to publish",
    ]


def test_a_service_that_is_away_ends_the_wait_long_before_the_time_is_over(monkeypatch):
    monkeypatch.setattr(drained_module, "SILENCE_S", 0.05)
    away = Refused(codes.UNAVAILABLE, "no answer")
    services = Services({"greetings": counts(), "echo": away})
    with pytest.raises(NotDrained) as not_drained:
        drained(services, LISTENERS, timeout_s=50)
    assert not_drained.value.missing == ["echo does not answer: no answer"]


def test_a_service_that_comes_back_in_time_is_waited_for():
    away = Refused(codes.UNAVAILABLE, "no answer")
    services = Services({"greetings": counts(), "echo": away}, {"greetings": counts(), "echo": counts()})
    assert set(drained(services, LISTENERS, timeout_s=5)) == {"greetings", "echo"}
