"""Settings and options that cannot be: each is named with what is wrong, in a line or two, and nothing is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def porchlight(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
    return subprocess.run(
        [sys.executable, "-m", "porchlight", *arguments],
        cwd=ROOT,
        env={**own, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORCHLIGHT_LOG_LEVEL", "loud", "not one of debug, info, warning, error"),
        ("PORCHLIGHT_LOG_FORMAT", "xml", "not one of text, json"),
        ("PORCHLIGHT_BUSINESS_TIME_ZONE", "Nowhere/Town", "not a time zone such as"),
        ("PORCHLIGHT_CURRENCY", "dollars", "not a currency code such as USD"),
        ("PORCHLIGHT_LOCALE", "klingon", "not a locale such as en_US"),
    ],
)
def test_a_malformed_setting_is_named_before_any_broker_is_asked(name: str, value: str, said: str) -> None:
    ran = porchlight("accounts", PORCHLIGHT_BROKER_URL="amqp://user:secret-word@127.0.0.1:1/", **{name: value})
    assert ran.returncode == 1
    assert f"{name}: {said}" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "broker" not in ran.stderr


def test_a_broker_that_is_not_there_is_named_without_its_password() -> None:
    ran = porchlight("messages", "failed", PORCHLIGHT_BROKER_URL="amqp://user:secret-word@127.0.0.1:1/")
    assert ran.returncode == 1
    assert "porchlight: cannot reach the broker amqp://user:**@127.0.0.1:1/" in ran.stderr
    assert "secret-word" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("inside", ["", "folder"])
def test_a_home_that_cannot_be_a_folder_is_named(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "file"
    file.touch()
    ran = porchlight("accounts", PORCHLIGHT_HOME=str(file / inside))
    assert ran.returncode == 1
    assert f"PORCHLIGHT_HOME: {file / inside} cannot be a folder" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("demo", "--port", "99999"), "99999 is not in the range 1<=x<=65535"),
        (("demo", "--port", "-1"), "-1 is not in the range 1<=x<=65535"),
        (("up", "--port", "0"), "0 is not in the range 1<=x<=65535"),
        (("clock", "set", "2026-02-31"), "'2026-02-31' is not a date such as 2013-06-30"),
        (("clock", "set", "9999-12-31"), "'9999-12-31' is not between 1970 and 2200"),
        (("accounts", "--today", "0001-01-01"), "'0001-01-01' is not between 1970 and 2200"),
    ],
)
def test_an_option_that_cannot_be_is_refused_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    home = tmp_path / "home"
    ran = porchlight(*arguments, PORCHLIGHT_HOME=str(home))
    assert ran.returncode == 2
    assert said in ran.stderr
    assert not home.exists()
