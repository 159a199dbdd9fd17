"""Counts how many tests ran at which level, and what was left out for want of a program; both close the run's report.

A level is a folder under tests/. A test is left out only when a program it needs is not installed; with CI set that
fails the run, because there the script that installs them is itself under test.
"""

import os
from collections import Counter
from pathlib import PurePosixPath

import pytest

LEVELS = ("unit", "integration", "contract", "e2e", "browser", "faults", "repo")
NOT_INSTALLED = "not installed here: "


def leave_out(title: str, package: str) -> None:
    """Ends the test as left out: it needs the program `title`, which `package` installs."""
    pytest.skip(f"{NOT_INSTALLED}{title} (apt-get install {package})")


class LevelReport:
    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
        if NOT_INSTALLED in reason:
            self.left_out[reason.split(NOT_INSTALLED, 1)[1]] += 1
        # A test that failed in its set-up counts as one that ran; a skipped one does not.
        elif (report.when == "call" and not report.skipped) or (report.when == "setup" and report.failed):
            self.ran[level_of(report.nodeid)] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.left_out and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.ran:
            terminalreporter.section("tests by level")
            known = [level for level in LEVELS if self.ran[level]]
            for level in known + sorted(set(self.ran) - set(LEVELS)):
                terminalreporter.write_line(f"{level:<12} {self.ran[level]:>5}")
            terminalreporter.write_line(f"{'all':<12} {self.ran.total():>5}")
        if self.left_out:
            terminalreporter.section(f"{self.left_out.total()} tests left out", yellow=True)
            for what, count in self.left_out.most_common():
                terminalreporter.write_line(f"{count} need {what}")
            if os.environ.get("CI"):
                terminalreporter.write_line("With CI set this fails the run.", red=True)


def level_of(nodeid: str) -> str:
    """The folder under tests/ that a test lives in."""
    parts = PurePosixPath(nodeid.split("::", 1)[0]).parts
    return parts[1] if len(parts) > 2 and parts[0] == "tests" else "elsewhere"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LevelReport(), "porchlight-levels")
