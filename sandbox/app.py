"""The sandbox as one Flask application."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, render_template

from sandbox import control
from sandbox.database import Database
from sandbox.deliveries import Channel, Deliveries
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.mailbox import pages as mailbox_pages
from sandbox.mailbox.messages import Mailbox
from sandbox.settings import Settings
from sandbox.stripe import script, three_d_secure
from sandbox.stripe import signing as stripe_signing
from sandbox.stripe.api import Api as StripeApi
from sandbox.stripe.engine import CHANNEL as STRIPE
from sandbox.stripe.engine import Engine
from sandbox.twilio import phone
from sandbox.twilio import signing as twilio_signing
from sandbox.twilio.api import Api as TwilioApi
from sandbox.twilio.messages import CHANNEL as TWILIO
from sandbox.twilio.messages import Texts

BODY_BYTES_MAX = 25 * 1024 * 1024
"""An e-mail with attachments; API calls are far smaller."""

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action *; "
    "base-uri 'none'; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class Sandbox:
    """The parts behind the application, at `app.extensions["sandbox"]`; `close` when the server has stopped."""

    database: Database
    deliveries: Deliveries
    faults: Faults
    journal: Journal
    mailbox: Mailbox
    texts: Texts

    def close(self) -> None:
        """Ends the webhook workers, then the database."""
        self.deliveries.stop()
        self.journal.close()
        self.database.close()


def create_app(settings: Settings, *, clock: Callable[[], float] = time.time) -> Flask:
    """The application. One process serves it: its locks and its keys under way are not shared with another."""
    app = Flask("sandbox")
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES_MAX
    sandbox = _built(settings, clock)
    app.extensions["sandbox"] = sandbox
    engine = Engine(sandbox.database, sandbox.deliveries, settings, clock)
    stripe_api = StripeApi(engine, sandbox.faults, sandbox.journal, settings)
    app.register_blueprint(stripe_api.blueprint(), url_prefix="/stripe")
    app.register_blueprint(three_d_secure.blueprint(engine), url_prefix="/stripe")
    app.register_blueprint(script.blueprint(), url_prefix="/stripe")
    twilio_api = TwilioApi(sandbox.texts, sandbox.faults, sandbox.journal, settings, clock)
    app.register_blueprint(twilio_api.blueprint())
    app.register_blueprint(phone.blueprint(sandbox.texts))
    app.register_blueprint(mailbox_pages.blueprint(sandbox.mailbox))
    app.register_blueprint(control.blueprint(sandbox.faults, sandbox.journal, sandbox.deliveries))

    @app.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            mails=sandbox.mailbox.count(),
            phones=len(sandbox.texts.phones()),
            webhooks=sandbox.deliveries.count(),
            settings=settings,
        )

    @app.get("/livez")
    def livez() -> tuple[str, dict[str, str]]:
        return "ok\n", {"Content-Type": "text/plain"}

    @app.after_request
    def guard(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return app


def _built(settings: Settings, clock: Callable[[], float]) -> Sandbox:
    database = Database(settings.folder)
    channels: dict[str, Channel] = {}
    deliveries = Deliveries(
        database,
        workers=settings.webhook_workers,
        timeout_s=settings.webhook_timeout_s,
        retry_s=settings.webhook_retry_s,
        channels=channels,
        detour=(settings.portal_url.rstrip("/"), settings.portal_reached_at.rstrip("/")),
    )
    texts = Texts(database, deliveries, settings, clock)
    channels[STRIPE] = Channel(stripe_signing.signer(settings.stripe_webhook_secret))
    channels[TWILIO] = Channel(twilio_signing.signer(settings.twilio_auth_token), texts.read_answer)
    deliveries.resume()
    return Sandbox(
        database=database,
        deliveries=deliveries,
        faults=Faults(),
        journal=Journal(settings.record_file),
        mailbox=Mailbox(database, clock),
        texts=texts,
    )
