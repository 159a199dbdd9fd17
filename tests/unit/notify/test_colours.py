import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.colours import DARK, READABLE, WHITE, as_text, check, contrast, text_on

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@given(colours)
def test_words_can_be_read_on_and_in_any_colour(colour):
    assert contrast(text_on(colour), colour) >= 4.0
    assert contrast(as_text(colour), WHITE) >= READABLE


def test_pale_colours_get_dark_words():
    assert (text_on("#ffe680"), as_text("#ffe680")) == (DARK, DARK)
    assert (text_on("#2f6b3c"), as_text("#2f6b3c")) == (WHITE, "#2f6b3c")


@pytest.mark.parametrize("text", ["", "green", "#fff", "#12345g", "#1234567", "red;background:url(x)"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="not a colour"):
        check(text)
