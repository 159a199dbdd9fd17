"""The gateway over other backends, for gunicorn: `benchmarks.page_backends:one_call()` and `…:one_process()`.

Both make the same pages from the same queries with the same templates; only the way to the services differs.
"""

import os
from collections.abc import Mapping
from typing import Any, cast

from flask import Flask

from benchmarks.one_stop import Methods, ReadDashboard
from chassis import logs, rpc
from chassis.settings import load
from contracts.wire import Command, Refused
from gateway.app import create_app
from gateway.settings import GatewaySettings


class OneCallBackend:
    """Asks everything that a dashboard asks with one call."""

    def __init__(self, broker_url: str) -> None:
        self._client = rpc.shared(broker_url)

    def connect(self, timeout_s: float) -> None:
        """Be connected to the broker."""
        self._client.connect(timeout_s)

    def call(self, command: Command[Any], timeout_s: float = rpc.DEFAULT_TIMEOUT_S) -> Any:
        """Answer one command by its own service."""
        return self._client.call(command, timeout_s)

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = rpc.DEFAULT_TIMEOUT_S) -> dict[str, Any]:
        """Answer the dashboard's commands; a refusal stands for all of them."""
        try:
            answer = self._client.call(ReadDashboard(**cast(Any, commands)), timeout_s)
        except Refused as refused:
            return dict.fromkeys(commands, refused)
        return {name: getattr(answer, name) for name in commands}


class OneProcessBackend:
    """Calls the services' methods: no message leaves the process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._methods = Methods(environ)

    def connect(self, timeout_s: float) -> None:
        """There is nothing to connect to."""

    def call(self, command: Command[Any], timeout_s: float = rpc.DEFAULT_TIMEOUT_S) -> Any:
        """Answer one command. Raises Refused."""
        return self._methods.call(command)

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = rpc.DEFAULT_TIMEOUT_S) -> dict[str, Any]:
        """Answer commands one after the other."""
        return {name: self._answer(command) for name, command in commands.items()}

    def _answer(self, command: Command[Any]) -> Any:
        try:
            return self._methods.call(command)
        except Refused as refused:
            return refused


def one_call() -> Flask:
    """The portal whose dashboard is one call."""
    settings = _settings()
    return create_app(settings, OneCallBackend(settings.broker_url))


def one_process() -> Flask:
    """The portal that is one program."""
    return create_app(_settings(), OneProcessBackend(os.environ))


def _settings() -> GatewaySettings:
    settings = load(GatewaySettings)
    logs.configure(level=settings.log_level, log_format=settings.log_format, service="gateway")
    return settings
