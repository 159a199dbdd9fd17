"""What a text from a phone means."""

import pytest

from services.notify.domain.keywords import is_carriers_stop, meaning_of

STOPS = ["STOP", "stopall", "Unsubscribe", "CANCEL", "end", "quit", "Revoke", "OPTOUT", "opt out", "Opt-Out"]


@pytest.mark.parametrize("word", STOPS)
@pytest.mark.parametrize("around", ["{}", "  {} \n", "{}!", "“{}.”", "{} \N{WAVING HAND SIGN}"])
def test_every_stop_word_stops_in_any_case_and_among_any_signs(word, around):
    assert meaning_of(around.format(word)) == "stop"


@pytest.mark.parametrize("word", ["START", "unstop", "Yes", " yes. "])
def test_start_words_start(word):
    assert meaning_of(word) == "start"


@pytest.mark.parametrize("word", ["HELP", "info", "Help?"])
def test_help_words_ask_for_help(word):
    assert meaning_of(word) == "help"


@pytest.mark.parametrize(
    "text",
    ["cancel my visit on Tuesday", "Stop by the shed please", "yes the gate is open", "", "…", "S T O P", "\N{ROCKET}"],
)
def test_a_word_amid_others_is_for_people(text):
    assert meaning_of(text) == "other"


def test_wide_letters_are_letters():
    assert meaning_of("\uff33\uff34\uff2f\uff30") == "stop"


def test_the_carrier_takes_only_the_bare_word():
    assert is_carriers_stop(" Stop ")
    assert not is_carriers_stop("Stop!")
    assert not is_carriers_stop("opt out")
