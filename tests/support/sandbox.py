"""A sandbox over loopback HTTP inside the test process, and a listener that takes its webhooks."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import stripe
from flask import Flask, request
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.app import Sandbox, create_app
from sandbox.settings import Settings

TIMEOUT_S = 5.0


class _Quiet(WSGIRequestHandler):
    """HTTP/1.1 for kept connections, as the servers of the sandbox speak it, and no line a request."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def served(app: Callable[..., Any]) -> Iterator[str]:
    """Serves a WSGI application on a free port for as long as the block lasts; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(TIMEOUT_S)
        server.server_close()


@dataclass
class RunningSandbox:
    """A sandbox that answers at `address`."""

    address: str
    settings: Settings
    parts: Sandbox

    @property
    def stripe_base(self) -> str:
        """What STRIPE_API_BASE is set to."""
        return f"{self.address}/stripe"

    def stripe(self, *, key: str | None = None, retries: int = 0, version: str | None = None) -> Any:
        """Stripe's own library, pointed at the sandbox; with the secret key unless another is given.

        Untyped, since tests send on purpose what its types forbid.
        """
        return stripe.StripeClient(
            key or self.settings.stripe_secret_key,
            base_addresses={"api": self.stripe_base},
            max_network_retries=retries,
            stripe_version=version,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )


@contextmanager
def running_sandbox(
    settings: Settings | None = None, *, clock: Callable[[], float] | None = None
) -> Iterator[RunningSandbox]:
    """A sandbox with these settings, closed at the end of the block."""
    settings = settings or Settings()
    app = create_app(settings) if clock is None else create_app(settings, clock=clock)
    parts: Sandbox = app.extensions["sandbox"]
    with served(app) as address:
        yield RunningSandbox(address, settings, parts)
    parts.close()


@dataclass(frozen=True)
class Webhook:
    """A webhook as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: str
    form: Mapping[str, str]


@dataclass
class Listener:
    """Takes webhooks at any path. `answers` are the statuses of the next answers; after them, 200."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    answer_body: str = ""
    arrived: list[Webhook] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self) -> tuple[str, int, dict[str, str]]:
        with self._changed:
            self.arrived.append(
                Webhook(request.path, dict(request.headers), request.get_data(as_text=True), request.form.to_dict())
            )
            status = self.answers.pop(0) if self.answers else 200
            self._changed.notify_all()
        return self.answer_body, status, {"Content-Type": "text/xml"}

    def wait_for(self, count: int) -> list[Webhook]:
        """Waits until so many have arrived, failing after a deadline."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.arrived) >= count, TIMEOUT_S), (
                f"{len(self.arrived)} of {count} webhooks arrived in {TIMEOUT_S} s"
            )
            return list(self.arrived)


@contextmanager
def webhook_listener() -> Iterator[Listener]:
    """A listener on a free port."""
    listener = Listener()
    app = Flask("listener")
    app.add_url_rule("/<path:_path>", view_func=lambda _path: listener.take(), methods=["POST"])
    with served(app) as address:
        listener.address = address
        yield listener


def calm(settings: Settings) -> Settings:
    """The settings with nothing sent twice or out of order, and one worker: each webhook once, in order."""
    return replace(settings, webhook_duplicate_every=0, webhook_reorder_every=0, webhook_workers=1)
