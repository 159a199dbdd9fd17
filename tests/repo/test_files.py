"""What no file of the project may hold, whoever wrote it."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.repo.conftest import ROOT

LARGEST_FILE_BYTES = 600_000
LONGEST_MODULE_LINES = 400
PACKAGES = ("contracts", "chassis", "gateway", "sandbox", "porchlight", "tests", "benchmarks")
SERVICES = ("identity", "billing", "billing/balance", "payments", "notify")

# Written in two parts, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:wo" r"rk|ho" r"me/\w+|ro" r"ot|Use" r"rs/\w+)/(?!\.venv\b)\w")
INDEX_ADDRESS = re.compile(r"--(?:extra-)?index" r"-url|--find" r"-links|https?://\S+/simp" r"le/")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|NotImplemented" r"Error")
LIVE_KEY = re.compile(r"\b[sr]k_li" r"ve_\w{8,}|\bwhsec_[A-Za-z0-9+/]{32,}|BEGIN [A-Z ]*PRIVATE" r" KEY")


def texts(files: list[Path]) -> Iterator[tuple[Path, str]]:
    for file in files:
        try:
            yield file.relative_to(ROOT), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def findings(files: list[Path], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts(files)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_is_too_large_to_review(kept_files: list[Path]) -> None:
    sizes = {str(file.relative_to(ROOT)): file.stat().st_size for file in kept_files}
    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE_BYTES} == {}


def test_no_module_has_outgrown_one_subject(kept_files: list[Path]) -> None:
    lengths = {str(name): text.count("\n") for name, text in texts(kept_files) if name.suffix == ".py"}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE_LINES} == {}


def test_no_path_of_a_machine_is_written_down(kept_files: list[Path]) -> None:
    assert findings(kept_files, MACHINE_PATH) == []


def test_no_package_index_is_named(kept_files: list[Path]) -> None:
    # tools/lock names the options that keep indexes out.
    files = [file for file in kept_files if file != ROOT / "tools/lock"]
    assert findings(files, INDEX_ADDRESS) == []


def test_nothing_is_left_unfinished(kept_files: list[Path]) -> None:
    assert findings([file for file in kept_files if file.suffix == ".py"], UNFINISHED) == []


def test_no_real_key_is_kept(kept_files: list[Path]) -> None:
    assert findings(kept_files, LIVE_KEY) == []


def test_every_package_says_what_it_is() -> None:
    for name in PACKAGES:
        if (ROOT / name).is_dir():
            module = ROOT / name / "__init__.py"
            readme = ROOT / name / "README.md"
            assert readme.exists() or module.read_text(encoding="utf-8").startswith('"""') or name == "tests", name


def test_every_service_says_what_it_owns_answers_emits_and_listens_to() -> None:
    for name in SERVICES:
        text = (ROOT / "services" / name / "README.md").read_text(encoding="utf-8").lower()
        for heading in ("owns", "answers", "emits", "listens", "tables"):
            assert heading in text, f"services/{name}/README.md has nothing about: {heading}"


def test_the_readme_gives_both_commands_and_every_link_in_it_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
    links = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []
