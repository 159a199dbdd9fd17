"""Documents: what is generated is up to date, and every link leads somewhere."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, QueuePool

from chassis.database import Database
from contracts.topology import LISTENERS, OWNERS, exchange_of, inbox_queue_of
from porchlight.compose import read
from tests.repo.conftest import ROOT
from tools import event_docs

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
DECISIONS = ROOT / "docs" / "decisions"


def prose(file: Path) -> str:
    return FENCED.sub("", file.read_text(encoding="utf-8"))


def anchors(file: Path) -> set[str]:
    """The anchors that a reader on a code host finds: headings in small letters, punctuation gone, blanks as dashes."""
    headings = re.findall(r"^#+ (.+)$", prose(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(file: Path) -> list[str]:
    broken = []
    for link in LINK.findall(prose(file)):
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{file.relative_to(ROOT)}: {link}")
    return broken


def test_the_page_of_events_is_what_the_contracts_say():
    assert event_docs.PAGE.read_text(encoding="utf-8") == event_docs.page(), "run: make docs"


def test_the_page_of_events_has_every_event_that_somebody_hears():
    text = event_docs.page()
    for event in {event for events in LISTENERS.values() for event in events}:
        assert f"\n### {event.event_name}\n" in text


def test_every_link_in_every_document_leads_somewhere(kept_files: list[Path]):
    documents = [file for file in kept_files if file.suffix == ".md"]
    assert len(documents) > 10
    assert [link for file in documents for link in broken_links(file)] == []


def test_a_link_to_nowhere_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(broken_links.__globals__, "ROOT", tmp_path)
    (tmp_path / "there.md").write_text("# Who hears what?\n")
    page = tmp_path / "page.md"
    page.write_text("[a](there.md#who-hears-what) [b](gone.md) [c](there.md#gone)\n```\n[d](sample.md)\n```\n")
    assert broken_links(page) == ["page.md: gone.md", "page.md: there.md#gone"]


def test_every_decision_is_in_the_list_of_decisions():
    listed = set(LINK.findall(prose(DECISIONS / "README.md")))
    assert {file.name for file in DECISIONS.glob("*.md")} - {"README.md"} - listed == set()


def test_the_architecture_names_every_process_database_queue_and_exchange():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].removeprefix("| ").split(",")[0]: line for line in text.splitlines()}
    for name, service in read(ROOT / "docker-compose.yml").services.items():
        if service.built and not service.profiles:
            assert f"`{' '.join(service.command)}`" in rows[name], name
    for name in OWNERS:
        assert f"| `{name}` | `rpc-{name}` | `{inbox_queue_of(name)}` |" in rows[name]
    for event in {event for events in LISTENERS.values() for event in events}:
        assert f"`{exchange_of(event.owner)}`" in rows[event.owner]


def test_the_runbook_counts_the_connections_of_every_pool_that_a_process_has():
    own = Database("postgresql://nobody@127.0.0.1:1/none")
    pools = [each.pool for each in vars(own).values() if isinstance(each, Engine)]
    most = sum(pool.size() + pool._max_overflow for pool in pools if isinstance(pool, QueuePool))
    assert f"A process opens up to {most} connections" in (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
