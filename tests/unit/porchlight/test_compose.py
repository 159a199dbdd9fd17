"""Reading docker-compose.yml: interpolation as Compose's specification has it, addresses made local, order."""

from pathlib import Path

import pytest

from porchlight.compose import ComposeError, Composition, LocalAddresses, interpolated, read, variables_in

FILE = """
x-common: &common
  build: .
  depends_on:
    broker: {condition: service_healthy}
    migrate: {condition: service_completed_successfully}
services:
  broker:
    image: broker:1
    expose: ["5672"]
  migrate:
    build: .
    command: [python, -m, app, migrate]
    depends_on:
      broker: {condition: service_healthy}
  app:
    <<: *common
    command: [python, -m, app]
    stop_grace_period: 1m30s
    expose: ["8080", "9"]
    environment:
      BROKER: "amqp://me:${SECRET:?}@broker:5672/"
      BIND: "0.0.0.0:8080"
      PORT: "8080"
      HOST: "0.0.0.0"
      NEIGHBOUR: "http://other:8080/path"
      LIKE_A_NEIGHBOUR: "broker:5672, another-broker:5672"
    healthcheck:
      test: ["CMD", "python", "-c", "urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
  other:
    <<: *common
    command: [python, -m, other]
    profiles: [extra]
    expose: ["8080"]
"""


@pytest.fixture
def composition(tmp_path: Path) -> Composition:
    file = tmp_path / "docker-compose.yml"
    file.write_text(FILE, encoding="utf-8")
    return read(file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${SET}", "value"),
        ("${UNSET}", ""),
        ("${UNSET-default}", "default"),
        ("${UNSET:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${EMPTY:-default}", "default"),
        ("${SET:-default}", "value"),
        ("${SET:+other}", "other"),
        ("${UNSET:+other}", ""),
        ("${SET:?}", "value"),
        ("a-${SET}-$${SET}", "a-value-${SET}"),
        ("${UNSET:-http://host:80/}", "http://host:80/"),
    ],
)
def test_variables_are_interpolated_as_compose_does(text: str, expected: str) -> None:
    assert interpolated(text, {"SET": "value", "EMPTY": ""}) == expected


@pytest.mark.parametrize(("text", "said"), [("${GONE:?}", "GONE is not set"), ("${EMPTY:?ask Ana}", "EMPTY.*ask Ana")])
def test_a_required_variable_is_named_when_it_has_no_value(text: str, said: str) -> None:
    with pytest.raises(ComposeError, match=said):
        interpolated(text, {"EMPTY": ""})


def test_the_variables_of_a_text_are_found() -> None:
    assert variables_in("a ${ONE} ${TWO:-x} $${NOT} ${THREE:?}") == {"ONE", "TWO", "THREE"}


def test_every_address_of_the_file_becomes_a_local_one(composition: Composition) -> None:
    addresses = LocalAddresses(
        ports={("broker", 5672): 20001, ("app", 8080): 20002, ("app", 9): 20003, ("other", 8080): 20004}
    )
    assert addresses.environment(composition.services["app"], {"SECRET": "s"}) == {
        "BROKER": "amqp://me:s@127.0.0.1:20001/",
        "BIND": "127.0.0.1:20002",
        "PORT": "20002",
        "HOST": "127.0.0.1",
        "NEIGHBOUR": "http://127.0.0.1:20004/path",
        "LIKE_A_NEIGHBOUR": "broker:5672, another-broker:5672",
    }


def test_a_service_comes_after_what_it_depends_on(composition: Composition) -> None:
    order = composition.start_order({"app", "broker", "migrate", "other"})
    assert order.index("broker") < order.index("migrate") < order.index("app")


def test_services_that_wait_for_one_another_are_named(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    one, other = (
        f"  {name}: {{build: ., depends_on: {{{needs}: {{condition: service_healthy}}}}}}\n"
        for name, needs in (("one", "other"), ("other", "one"))
    )
    file.write_text(f"services:\n{one}{other}", encoding="utf-8")
    with pytest.raises(ComposeError, match="one → other → one"):
        read(file).start_order({"one", "other"})


def test_health_check_grace_and_profile_are_read(composition: Composition) -> None:
    app, other = composition.services["app"], composition.services["other"]
    assert (app.health_port, app.health_path, app.stop_grace_s, app.built) == (8080, "/readyz", 90, True)
    assert (other.health_port, other.profiles, composition.services["broker"].built) == (None, ("extra",), False)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{build: ., command: python -m app}", "as a list"),
        ("{build: ., depends_on: [broker]}", "conditions"),
        ("{build: ., depends_on: {broker: {condition: service_healthy}}}", "depends on broker, which"),
        ("{build: ., stop_grace_period: 45}", "no duration"),
        ("[", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, entry: str, said: str) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text(f"services:\n  app: {entry}\n", encoding="utf-8")
    with pytest.raises(ComposeError, match=said):
        read(file)
