"""Settings are named in four places: the code, docker-compose.yml, .env.example and the local twin. They agree."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

import msgspec
import pytest

from chassis.settings import Variable, describe
from porchlight.compose import ComposeError, LocalAddresses, interpolated, read, variables_in
from porchlight.connection import Services
from porchlight.local_stack import sandbox_variables
from sandbox.settings import Settings as SandboxSettings
from services.payments.domain.webhook_types import ACTED_ON
from tests.repo.conftest import ROOT
from tests.support.gateway import RecordingBackend

SETTINGS = {
    "identity": ("services.identity.settings", ["IdentitySettings"]),
    "billing": ("services.billing.settings", ["BillingSettings"]),
    "balance": ("services.billing.balance.settings", ["BalanceSettings"]),
    "payments": ("services.payments.settings", ["PaymentsSettings"]),
    "notify": ("services.notify.settings", ["NotifySettings"]),
    "gateway": ("gateway.settings", ["GatewaySettings", "ServerSettings"]),
}
FIXED = {"PORCHLIGHT_HEALTH_HOST", "PORCHLIGHT_HEALTH_PORT", "PORCHLIGHT_GATEWAY_BIND"}
"""Where a container listens is the compose file's own: its health checks and ports rest on it."""
GUNICORN_HAS_ITS_OWN = {"PORCHLIGHT_MAX_WORKERS", "PORCHLIGHT_START_TIMEOUT_S", "PORCHLIGHT_STOP_GRACE_S"}
"""The gateway inherits these and reads none of them: it is no nameko process."""
COMPOSITION = read(ROOT / "docker-compose.yml")
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$|_TOKEN$")


@cache
def variables_of(service: str) -> dict[str, Variable]:
    module, names = SETTINGS[service]
    types: list[type[msgspec.Struct]] = [getattr(import_module(module), name) for name in names]
    return {variable.name: variable for each in types for variable in describe(each)}


class Noted(Mapping[str, str]):
    """An empty environment that notes which of its variables are asked for."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def example_lines() -> dict[str, str]:
    """Every variable of .env.example, with its value there, commented out or not."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


def required_in_example() -> set[str]:
    return set(re.findall(r"^([A-Z][A-Z0-9_]+)=$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))


def compose_variables() -> set[str]:
    return variables_in((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_gives_a_service_every_setting_that_has_no_default(service: str) -> None:
    needed = {name for name, variable in variables_of(service).items() if variable.default is None}
    assert needed - set(COMPOSITION.services[service].environment) == set()


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_gives_a_service_no_setting_that_it_does_not_read(service: str) -> None:
    # The health port is common to all; the gateway answers health on its own port.
    given = set(COMPOSITION.services[service].environment) - {"PORCHLIGHT_HEALTH_PORT"}
    assert given - set(variables_of(service)) == set()


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_hands_every_optional_setting_on_to_its_service(service: str) -> None:
    optional = {name for name, variable in variables_of(service).items() if variable.default is not None} - FIXED
    if service == "gateway":
        optional -= GUNICORN_HAS_ITS_OWN
    given = COMPOSITION.services[service].environment
    assert optional - set(given) == set()
    assert [name for name in sorted(optional) if not variables_in(given[name])] == []


def test_compose_gives_the_command_what_it_reads_in_the_container_it_runs_in() -> None:
    environment = Noted()
    services = Services(caller=RecordingBackend(), environ=environment)
    assert services.currency == "USD"
    assert services.locale == "en_US"
    assert services.time_zone.key == "America/New_York"
    assert len(environment.read) == 3
    assert environment.read - set(COMPOSITION.services["migrate"].environment) == set()


def test_compose_gives_the_sandbox_only_settings_that_it_reads() -> None:
    known = {f"SANDBOX_{name.upper()}" for name in SandboxSettings.__dataclass_fields__}
    assert set(COMPOSITION.services["sandbox"].environment) - known == set()


def test_webhooks_are_asked_for_where_payments_acts_on_them_and_nowhere_else() -> None:
    told = COMPOSITION.services["sandbox"].environment["SANDBOX_STRIPE_WEBHOOK_EVENTS"]
    assert tuple(told.split(",")) == ACTED_ON

    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    advice = runbook.partition("\n## Stripe\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"`((?:payment_intent|setup_intent|refund|charge\.dispute)\.\w+)`", advice)) == sorted(
        ACTED_ON
    )


def test_a_service_sees_no_database_but_its_own() -> None:
    for service in SETTINGS:
        databases = {name for name in COMPOSITION.services[service].environment if name.endswith("_DATABASE_URL")}
        own = set() if service == "gateway" else {f"PORCHLIGHT_{service.upper()}_DATABASE_URL"}
        assert databases == own, service


def test_every_variable_of_compose_is_in_the_example_and_none_besides() -> None:
    assert set(example_lines()) == compose_variables()


def test_the_example_asks_for_exactly_what_compose_requires() -> None:
    required = set()
    for name in compose_variables():
        text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
        if f"${{{name}:?" in text:
            required.add(name)
    assert required_in_example() == required


def test_defaults_are_the_same_in_code_compose_and_example() -> None:
    shown = example_lines()
    for service in SETTINGS:
        for name, text in COMPOSITION.services[service].environment.items():
            variable = variables_of(service).get(name)
            used = variables_in(text)
            if variable is None or variable.default is None or len(used) != 1:
                continue
            source = next(iter(used))
            if name == "PORCHLIGHT_PROXY_COUNT":
                continue  # behind a proxy in Docker, in front of nothing elsewhere
            assert interpolated(text, {}) == variable.default, f"docker-compose.yml: {service}: {name}"
            assert shown[source] == variable.default, f".env.example: {source}"


def test_compose_holds_no_secret() -> None:
    for service in COMPOSITION.services.values():
        for name, text in service.environment.items():
            if SECRET.search(name):
                # Required, or left out altogether.
                assert re.fullmatch(r"\$\{\w+:[?-]\}", text), f"{service.name}: {name}"
            password = re.search(r"://[^/\s:]+:(?P<password>[^@]+)@", text)
            if password:
                assert re.fullmatch(r"\$\{\w+:\?\}", password["password"]), f"{service.name}: {name}"


def test_without_an_environment_compose_refuses_and_names_what_is_missing() -> None:
    addresses = LocalAddresses(ports=dict.fromkeys(COMPOSITION.ports(), 1))
    with pytest.raises(ComposeError, match="RABBITMQ_PASSWORD is not set"):
        addresses.environment(COMPOSITION.services["identity"], {})


def test_the_local_twin_fills_in_everything_that_compose_requires() -> None:
    variables = {**sandbox_variables(portal_port=1, sandbox_port=2), "RABBITMQ_PASSWORD": "made by the server"}
    assert required_in_example() - set(variables) == set()
    assert set(variables) - compose_variables() == set()


def test_every_service_is_checked_for_health_and_waits_for_the_migration() -> None:
    for name in SETTINGS:
        service = COMPOSITION.services[name]
        assert service.health_path == "/readyz", name
        assert service.depends_on["migrate"] == "service_completed_successfully", name
        assert service.depends_on["rabbitmq"] == "service_healthy", name
