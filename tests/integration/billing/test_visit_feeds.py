import pytest
from sqlalchemy import text

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from services.billing.operations.feeds import MOST_READS
from tests.support.billing import CUSTOMER, NEIGHBOUR, Billing


def token_of(billing: Billing, customer_id: str = CUSTOMER, former: str | None = None) -> str:
    token = billing.ask(wire.RenewVisitFeed(customer_id=customer_id, former=former)).token
    assert token is not None
    return token


def is_gone(billing: Billing, token: str) -> bool:
    try:
        billing.ask(wire.ReadVisitFeed(token=token))
    except Refused as refused:
        return refused.code == codes.NOT_FOUND
    return False


def test_a_calendar_shows_its_customers_visits_and_no_others(billing: Billing):
    mine, _ = billing.visit(), billing.visit(customer_id=NEIGHBOUR)
    feed = billing.ask(wire.ReadVisitFeed(token=token_of(billing)))
    assert [visit.visit_id for visit in feed.visits] == [mine.visit_id]


def test_the_page_shows_the_address_as_often_as_it_is_asked(billing: Billing):
    assert billing.ask(wire.GetVisitFeed(customer_id=CUSTOMER)).token is None
    token = token_of(billing)
    billing.ask(wire.ReadVisitFeed(token=token))
    shown = billing.ask(wire.GetVisitFeed(customer_id=CUSTOMER))
    assert shown.token == token
    assert shown.read_at is not None


def test_a_new_address_ends_the_former_one_and_is_made_once(billing: Billing):
    first = token_of(billing)
    second = token_of(billing, former=first)
    assert second != first
    assert is_gone(billing, first)
    # Pressed twice, or in another tab: the address that the first press made stays.
    assert token_of(billing, former=first) == second
    assert token_of(billing) == second
    assert not is_gone(billing, second)


def test_an_ended_calendar_is_gone_and_a_new_one_has_another_address(billing: Billing):
    first = token_of(billing)
    for _ in range(2):
        assert billing.ask(wire.EndVisitFeed(customer_id=CUSTOMER)).token is None
    assert is_gone(billing, first)
    assert token_of(billing) != first


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é", "x" * 5000])
def test_a_guessed_address_is_not_there(billing: Billing, token):
    token_of(billing)
    assert is_gone(billing, token)


def test_the_secret_itself_is_not_kept(billing: Billing):
    token = token_of(billing)
    with billing.database.read() as session:
        kept = str(session.execute(text("SELECT * FROM visit_feeds")).all())
    assert token not in kept


def test_a_calendar_is_read_so_often_an_hour_and_no_more(billing: Billing):
    token = token_of(billing)
    for _ in range(MOST_READS):
        billing.ask(wire.ReadVisitFeed(token=token))
    with pytest.raises(Refused) as refused:
        billing.ask(wire.ReadVisitFeed(token=token))
    assert refused.value.code == codes.THROTTLED
    assert 0 < refused.value.details["retry_after_s"] <= 3600
    with billing.database.transaction() as session:
        session.execute(text("UPDATE visit_feeds SET hour_began_at = '2020-01-01 00:00:00.000000+00:00'"))
    assert billing.ask(wire.ReadVisitFeed(token=token)).visits == []
