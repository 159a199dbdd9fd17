"""The report that closes a run: tests by level, and what was left out."""

from pathlib import Path

import pytest

TESTS = {
    "tests/unit/test_a.py": """
        import pytest
        def test_one(): pass
        def test_two(): assert False
        @pytest.mark.skip(reason="not this time")
        def test_skipped(): pass
    """,
    "tests/integration/test_b.py": """
        from tests.support.levels import leave_out
        import pytest
        @pytest.fixture(scope="session")
        def server(): leave_out("RabbitMQ", "rabbitmq-server")
        @pytest.fixture
        def broken(): raise RuntimeError("set-up")
        def test_three(server): pass
        def test_four(server): pass
        def test_five(broken): pass
    """,
}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    for name, text in TESTS.items():
        file = pytester.path / name
        file.parent.mkdir(parents=True)
        file.write_text(text.replace("\n        ", "\n"), encoding="utf-8")
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "tests.support.levels", "-p", "no:pytest_nameko", *arguments)


def test_tests_are_counted_by_level_whether_they_pass_or_fail(project: pytest.Pytester) -> None:
    run(project).stdout.re_match_lines_random([r"unit\s+2$", r"integration\s+1$", r"all\s+3$"])


def test_what_is_left_out_is_counted_with_what_to_install(project: pytest.Pytester) -> None:
    output = run(project).stdout
    output.re_match_lines([r".* 2 tests left out .*", r"2 need RabbitMQ \(apt-get install rabbitmq-server\)"])


def test_pytests_own_closing_line_stays_the_last(project: pytest.Pytester) -> None:
    assert "1 failed, 1 passed, 3 skipped, 1 error" in run(project).outlines[-1]


def test_a_test_left_out_fails_the_run_in_ci_only(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = ("-k", "one or three")
    assert run(project, *chosen).ret == pytest.ExitCode.OK
    monkeypatch.setenv("CI", "true")
    assert run(project, *chosen).ret == pytest.ExitCode.TESTS_FAILED


def test_a_test_skipped_for_another_reason_does_not_fail_the_run_in_ci(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert run(project, "-k", "one or skipped").ret == pytest.ExitCode.OK
