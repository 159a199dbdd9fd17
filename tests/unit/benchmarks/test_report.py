import pytest

from benchmarks.report import Target, filled_in, median_ratio, table

DOCUMENT = (
    "By hand.\n<!-- measured: rpc -->\n\nold\n\n<!-- end -->\nAlso by hand.\n<!-- measured: scale --><!-- end -->\n"
)


def test_a_floor_is_missed_below_it_and_reached_at_it():
    assert not Target(what="rate", value=3.99, bound=4).reached
    assert Target(what="rate", value=4, bound=4).reached


def test_a_ceiling_is_missed_above_it_and_reached_at_it():
    assert not Target(what="time", value=10.01, bound=10, at_most=True).reached
    assert Target(what="time", value=10, bound=10, at_most=True).reached


def test_a_missed_target_says_so_in_its_row():
    row = Target(what="time", value=10.7, bound=10, at_most=True, unit="s", digits=1).row()

    assert row == ["time", "10.7 s", "≤ 10 s", "**missed**"]


def test_ratios_are_taken_round_by_round():
    # In the second round the machine did something else: both took ten times as long.
    assert median_ratio([2, 20, 2.2], [1, 10, 1]) == 2


def test_rounds_that_lack_a_partner_are_an_error():
    with pytest.raises(ValueError, match="zip"):
        median_ratio([1, 2], [1])


def test_what_is_written_by_hand_stays_around_the_figures():
    filled = filled_in(DOCUMENT, {"rpc": r"| new \1 |", "scale": "| 1 |"})

    assert filled.startswith("By hand.\n<!-- measured: rpc -->\n\n| new \\1 |\n\n<!-- end -->\nAlso by hand.\n")
    assert "old" not in filled
    assert filled_in(filled, {"rpc": "| newer |"}).count("newer") == 1


def test_figures_without_a_place_in_the_document_are_an_error():
    with pytest.raises(KeyError, match="paying"):
        filled_in(DOCUMENT, {"paying": ""})


def test_a_table_has_its_figures_to_the_right():
    assert table(["what", "time"], [["a", "1 s"]]) == "| what | time |\n| --- | ---: |\n| a | 1 s |"
