"""The lock files, the environment that they make, and the direction of imports."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.repo.conftest import ROOT

PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^\s;\\]+)", re.MULTILINE)
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in PIN.finditer((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(match["name"], set()).add(match["version"])
    return found


def asked_for(group: str | None) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["optional-dependencies"][group] if group else project["dependencies"]
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-").replace(".", "-") for line in listed}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 20
    assert [entry.splitlines()[0] for entry in packages if not PIN.match(entry) or "--hash=sha256:" not in entry] == []


def test_the_locks_have_what_pyproject_asks_for() -> None:
    assert asked_for(None) - set(pins("requirements.lock")) == set()
    assert asked_for("dev") - set(pins("requirements-dev.lock")) == set()


def test_what_runs_is_what_was_tested() -> None:
    development = pins("requirements-dev.lock")
    assert {
        name: versions for name, versions in pins("requirements.lock").items() if development[name] != versions
    } == {}


def test_imports_point_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_billing_and_balance_share_a_folder_and_nothing_else() -> None:
    # import-linter takes balance for a part of billing, because it lies inside it.
    billing = ROOT / "services/billing"
    for file in billing.rglob("*.py"):
        inside_balance = file.is_relative_to(billing / "balance")
        for name in imported(file):
            if name.startswith("services."):
                assert name.startswith("services.billing.balance") == inside_balance, f"{file} imports {name}"


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names - {"services.billing", "services"}


SHIPPED = ("contracts", "chassis", "services", "gateway", "sandbox", "porchlight")
# Needed without being imported by us: a driver, a server, the time zones, a list of passwords read as a file.
USED_OTHERWISE = {"psycopg2-binary", "gunicorn", "tzdata", "zxcvbn"}


DEVELOPMENT = ("tests", "benchmarks", "tools")
MADE_BY_A_TEST = {"gardening"}
# Programs that are run, plug-ins of pytest, and types for mypy.
RUN_IN_DEVELOPMENT = {"ruff", "mypy", "import-linter", "pytest-timeout", "pytest-xdist"}


def packages_imported_by(folders: Iterable[str]) -> set[str]:
    """The distributions, by the names of the registry, that the modules below these folders import."""
    distributions = packages_distributions()
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    modules = {name.partition(".")[0] for file in files for name in imported(file)}
    foreign = modules - set(sys.stdlib_module_names) - {*SHIPPED, *DEVELOPMENT, "__future__"}
    return {re.sub(r"[._]", "-", distributions.get(name, [name])[0]).lower() for name in foreign}


def test_what_is_shipped_imports_exactly_the_packages_it_declares() -> None:
    used = packages_imported_by(SHIPPED)
    assert used - asked_for(None) == set(), "imported without being in pyproject.toml"
    assert asked_for(None) - used - USED_OTHERWISE == set(), "in pyproject.toml without being imported"


def test_what_is_for_development_is_declared_and_used_too() -> None:
    used = packages_imported_by(DEVELOPMENT) - MADE_BY_A_TEST
    assert used - asked_for(None) - asked_for("dev") == set(), "imported without being in pyproject.toml"
    unused = {name for name in asked_for("dev") - used if not name.startswith("types-")}
    assert unused == RUN_IN_DEVELOPMENT
