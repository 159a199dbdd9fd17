from datetime import UTC, datetime, timedelta

from services.payments.domain import schedule

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)


def test_the_provider_is_asked_after_5_minutes_1_hour_then_daily_for_30_days():
    waits = [schedule.next_check_at(NOW, checks=checks) for checks in range(33)]

    assert waits[:2] == [NOW + timedelta(minutes=5), NOW + timedelta(hours=1)]
    assert waits[2:32] == [NOW + timedelta(days=1)] * 30
    assert waits[32] is None


def test_nothing_is_made_anew_when_the_provider_may_have_forgotten_the_key():
    assert timedelta(hours=24) > schedule.FINISH_WITHIN * 2


def test_a_webhook_is_tried_again_with_growing_pauses_and_not_for_ever():
    pauses = [schedule.webhook_retry_at(NOW, attempts=attempts) for attempts in range(1, 42)]

    assert pauses[0] == NOW + timedelta(seconds=2)
    assert pauses[:20] == sorted(at for at in pauses[:20] if at is not None)
    assert max(at for at in pauses if at is not None) == NOW + timedelta(hours=1)
    assert pauses[-1] is None
