"""The image cannot be built where the tests run; what its recipe refers to is checked instead."""

import re
import tomllib
from pathlib import Path

from porchlight.compose import read
from tests.repo.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def copied() -> list[str]:
    return re.findall(r"^COPY (?!--from)(\S+) \S+$", DOCKERFILE, re.MULTILINE)


def test_the_image_copies_what_exists_and_what_dockerignore_lets_through() -> None:
    admitted = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(copied()) == admitted
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_the_image_has_every_package_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages == set(copied()) - {"requirements.lock"}


def test_the_image_installs_with_hashes_and_runs_as_nobody_in_particular() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1] not in ("root", "0")


def test_every_command_of_compose_names_a_module_that_the_image_has() -> None:
    for service in read(ROOT / "docker-compose.yml").services.values():
        if service.built and service.command[:2] == ("python", "-m"):
            module = ROOT / service.command[2].replace(".", "/")
            assert (module / "__main__.py").exists(), f"{service.name}: {' '.join(service.command)}"


def test_the_databases_script_makes_what_the_services_are_told_to_use() -> None:
    script = (ROOT / "deploy/postgres/databases.sql").read_text(encoding="utf-8")
    made = set(re.findall(r"CREATE DATABASE (\w+) OWNER \1;", script))
    composition = read(ROOT / "docker-compose.yml")
    told = {
        match[1]
        for service in composition.services.values()
        for text in service.environment.values()
        if (match := re.search(r"@postgres:5432/(\w+)$", text))
    }
    assert made == told
    mounted = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert "./deploy/postgres/databases.sql:/docker-entrypoint-initdb.d/" in mounted
    assert Path(ROOT / "deploy/postgres/databases.sql").exists()
