import ast
from pathlib import Path

import pytest

import services.payments.operations
from services.payments.domain import states
from services.payments.domain.states import IllegalMove, all_states, moves

FINAL = sorted(states.SETTLED)


def test_every_state_of_the_contract_is_settled_on_the_way_or_not_begun():
    assert set(all_states()) == states.SETTLED | states.ON_THE_WAY | {"created"}


@pytest.mark.parametrize("wanted", ["requires_action", "processing", "unknown", "succeeded", "failed", "cancelled"])
def test_a_submitted_payment_becomes_whatever_the_provider_says(wanted):
    assert moves("submitting", wanted)


@pytest.mark.parametrize("current", sorted(states.ON_THE_WAY))
@pytest.mark.parametrize("wanted", FINAL)
def test_whatever_is_on_its_way_can_end(current, wanted):
    assert moves(current, wanted)


@pytest.mark.parametrize("current", FINAL)
@pytest.mark.parametrize("late", ["requires_action", "processing", "unknown"])
def test_late_news_does_not_reopen_what_is_settled(current, late):
    assert not moves(current, late)


@pytest.mark.parametrize("late", ["failed", "cancelled", "succeeded"])
def test_money_received_stays_received(late):
    assert not moves("succeeded", late)


@pytest.mark.parametrize("given_up", ["failed", "cancelled"])
def test_captured_money_counts_whatever_was_believed(given_up):
    assert moves(given_up, "succeeded")


def test_a_question_without_an_answer_says_nothing_about_money_on_its_way():
    assert not moves("processing", "unknown")


@pytest.mark.parametrize("wanted", ["requires_action", "processing", "unknown", "succeeded", "failed"])
def test_nothing_can_be_charged_before_it_is_submitted(wanted):
    with pytest.raises(IllegalMove):
        moves("created", wanted)


@pytest.mark.parametrize("current", all_states())
def test_nothing_goes_back_to_the_beginning(current):
    with pytest.raises(IllegalMove):
        moves(current, "created")
    if current != "created":
        with pytest.raises(IllegalMove):
            moves(current, "submitting")


def test_only_the_transition_sets_a_state():
    folder = Path(services.payments.operations.__file__).parent
    setters = {
        file.name
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Assign)
        for target in ast.walk(ast.Tuple(elts=node.targets, ctx=ast.Store()))
        if isinstance(target, ast.Attribute) and target.attr == "state" and isinstance(target.ctx, ast.Store)
    }
    # The second sets those of cards that are being saved.
    assert setters == {"transition.py", "setup_record.py"}
