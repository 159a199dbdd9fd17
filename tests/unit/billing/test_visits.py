from datetime import UTC, date, datetime, time

import pytest

from contracts import codes
from contracts.billing import VisitTerms
from contracts.wire import Refused
from services.billing.domain.feed_tokens import feed_token
from services.billing.domain.visit import Visit
from services.billing.domain.visit_limits import check_reference, check_terms

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)
TOMORROW = date(2026, 3, 11)


def visit(scheduled_on: date = TODAY) -> Visit:
    return Visit(
        visit_id="v-1",
        customer_id="c-1",
        scheduled_on=scheduled_on,
        arrives_from=None,
        arrives_until=None,
        service="Mowing",
        address="",
        crew_note="",
        created_at=NOW,
        changed_at=NOW,
    )


def terms(scheduled_on: date = TODAY, **fields) -> VisitTerms:
    return VisitTerms(**{"scheduled_on": scheduled_on, "service": "Mowing", **fields})


def completed() -> Visit:
    done = visit()
    done.complete(at=NOW, today=TODAY)
    return done


def cancelled() -> Visit:
    off = visit()
    off.cancel(at=NOW, reason="rain")
    return off


@pytest.mark.parametrize(
    "transition",
    [
        lambda: completed().complete(at=NOW, today=TODAY),
        lambda: completed().cancel(at=NOW, reason=""),
        lambda: cancelled().complete(at=NOW, today=TODAY),
        lambda: cancelled().cancel(at=NOW, reason=""),
        lambda: cancelled().revise(terms(TOMORROW), today=TODAY),
        lambda: completed().revise(terms(TOMORROW), today=TODAY),
        lambda: visit(TOMORROW).complete(at=NOW, today=TODAY),
    ],
)
def test_every_other_transition_is_refused(transition):
    with pytest.raises(Refused) as refused:
        transition()
    assert refused.value.code == codes.WRONG_STATE


def test_what_was_done_can_be_put_right_and_stays_done():
    done = completed()
    done.revise(terms(crew_note="The back gate was locked."), today=TODAY)
    assert (done.state, done.crew_note) == ("completed", "The back gate was locked.")


def test_a_visit_on_an_invoice_that_is_owed_cannot_go_to_another_one():
    billed = completed()
    billed.bill(invoice_id="i-1", line=None, is_owed=False)
    billed.bill(invoice_id="i-1", line=2, is_owed=True)
    with pytest.raises(Refused) as refused:
        billed.bill(invoice_id="i-2", line=None, is_owed=True)
    assert refused.value.code == codes.CONFLICT
    assert (billed.invoice_id, billed.line) == ("i-1", 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"scheduled_on": date(1969, 12, 31)}, "scheduled_on"),
        ({"scheduled_on": date(2200, 1, 1)}, "scheduled_on"),
        ({"arrives_from": time(8)}, "arrives_until"),
        ({"arrives_until": time(8)}, "arrives_until"),
        ({"arrives_from": time(10), "arrives_until": time(8)}, "arrives_until"),
        ({"arrives_from": time(8), "arrives_until": time(8)}, "arrives_until"),
        ({"arrives_from": time(8, tzinfo=UTC), "arrives_until": time(9, tzinfo=UTC)}, "arrives_from"),
        ({"service": "  "}, "service"),
        ({"service": "x" * 201}, "service"),
        ({"address": "x" * 501}, "address"),
        ({"crew_note": "x" * 2001}, "crew_note"),
        ({"crew_note": "bell \x07"}, "crew_note"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_their_field(fields, field):
    with pytest.raises(Refused) as refused:
        check_terms(terms(**fields))
    assert (refused.value.code, refused.value.details["field"]) == (codes.INVALID, field)


@pytest.mark.parametrize("reference", ["", " V-1", "V-1 ", "V\n1", "x" * 65])
def test_a_reference_that_cannot_be_is_refused(reference):
    with pytest.raises(Refused):
        check_reference(reference)


def test_the_secret_of_a_calendar_follows_from_its_id_and_the_key_alone():
    token = feed_token("f-1", secret="a" * 32)
    assert token == feed_token("f-1", secret="a" * 32)
    assert len({token, feed_token("f-2", secret="a" * 32), feed_token("f-1", secret="b" * 32)}) == 3
    assert len(token) == 43
