"""The dashboard's next visits: within the round of calls that it makes anyway."""

import msgspec

from contracts.billing import GetAmountDue
from tests.support import gateway as views
from tests.support.gateway_visits import a_visit


def test_the_next_visits_come_with_what_is_due(ana, backend):
    due = msgspec.structs.replace(views.an_amount_due(), next_visits=[a_visit()])
    backend.answers(GetAmountDue, due)
    page = ana.get("/").text
    assert "Next visit</h2>" in page
    for expected in ("Wed, Jul 8, 2026", "8:00", "Mowing and edging", "14 Elm St", "/services/visit-1/visit.ics"):
        assert expected in page
    assert len(backend.gathers) == 1
    assert backend.asked(GetAmountDue)[0].visit_limit == 2


def test_without_a_planned_visit_the_panel_says_so(ana):
    assert "Nothing is planned yet" in ana.get("/").text


def test_without_billing_the_panel_is_temporarily_unavailable(ana, backend):
    backend.take_away("billing")
    answer = ana.get("/")
    assert answer.status_code == 200
    assert "Your next visits are temporarily unavailable" in answer.text
