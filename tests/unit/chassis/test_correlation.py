import threading

import pytest

from chassis import correlation


@pytest.fixture(autouse=True)
def _outside_of_any_request():
    with correlation.bound("outer"):
        yield


def test_an_id_lasts_for_its_block():
    with correlation.bound("inner") as inner:
        assert correlation.current() == inner == "inner"
    assert correlation.current() == "outer"


def test_threads_have_their_own():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(correlation.current()))
    thread.start()
    thread.join()
    assert seen == [""]


@pytest.mark.parametrize("malformed", ["", "a b", "x" * 65, 'a"b', "a\nb", "é", None, 7])
def test_an_id_that_could_break_a_log_line_is_replaced(malformed):
    assert correlation.begin(malformed) not in ("", malformed)
