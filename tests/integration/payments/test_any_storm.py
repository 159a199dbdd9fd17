"""Random sequences of faults: captured money is recorded money, and each payment is charged at most once."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from chassis.database import Database
from services.payments.operations import lease
from tests.support.payments import CUSTOMER, Payments
from tests.support.payments_stand_in import stand_in
from tests.support.payments_storm import FakeWorld, StandInWorld, Storm, steps

PAY = ("pay", "form-1", CUSTOMER, "works")
FOUND_AS_IT_IS = (Phase.explicit, Phase.generate)
"""Over HTTP, making a failure smaller would take minutes; it has the steps that failed."""
LIMITS: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@pytest.fixture(autouse=True)
def _nobody_else_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was killed holds its payment; waiting for it, while the clock stands, would bring nothing."""
    monkeypatch.setattr(lease, "WAIT_FOR_OTHER_S", 0.0)


@pytest.mark.timeout(180)
@settings(max_examples=120, **LIMITS)
@example([("lose", "confirm_intent", "after", 1), PAY, ("pass_time", 25 * 3600), PAY])
@example([("kill", True, 3), PAY, ("pass_time", 45), PAY])
@example([("lose", "create_intent", "after", 3), PAY, ("pass_time", 25 * 3600), PAY, PAY])
@given(wanted=steps)
def test_money_is_even_after_any_storm(fresh_sqlite: Callable[[], Database], wanted):
    database = fresh_sqlite()
    payments = Payments(database)
    storm = Storm(payments, FakeWorld(payments))

    storm.blow(wanted)
    storm.calm_down()

    storm.check()
    database.close()


@pytest.mark.timeout(180)
@settings(max_examples=25, phases=FOUND_AS_IT_IS, **LIMITS)
@example([("lose", "confirm_intent", "after", 2), PAY, ("webhooks", 2, True), PAY])
@example([("lose", "create_intent", "after", 2), PAY, ("pass_time", 300), PAY])
@given(wanted=steps)
def test_money_is_even_after_any_storm_over_http(fresh_sqlite: Callable[[], Database], wanted):
    database = fresh_sqlite()
    with stand_in() as stripe:
        payments = Payments(database, provider=stripe.provider(), clock=stripe.clock)
        storm = Storm(payments, StandInWorld(stripe))

        storm.blow(wanted)
        storm.calm_down()

        storm.check()
    database.close()
