"""The Flask application of the portal."""

from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis.settings import load
from contracts.payments import brand_name
from gateway import (
    access,
    assets,
    billing_info,
    calendar_feed,
    contact,
    credits,
    dashboard,
    email_change,
    errors,
    health,
    invoices,
    log,
    my_data,
    notifications,
    pay,
    payment_history,
    profile,
    receipts,
    recent,
    security,
    services,
    statement,
    unsubscribe,
    webhooks,
    why,
)
from gateway.composition import session_view
from gateway.formats import Formats, due_words, in_days, lines_of, phone_link
from gateway.papers import pages as papers
from gateway.rpc import Backend
from gateway.settings import GatewaySettings

LARGEST_FORM = 64 * 1024
MOST_FORM_FIELDS = 1000


def create_app(settings: GatewaySettings | None = None, rpc: Backend | None = None) -> Flask:
    """The portal over `rpc`; by default over the broker and the settings that the environment names."""
    settings = settings or load(GatewaySettings)
    app = Flask("gateway", static_folder=None)
    _configure(app, settings)
    app.extensions["porchlight.settings"] = settings
    app.extensions["porchlight.backend"] = rpc or _client(settings)
    log.init_app(app)
    security.init_app(app, settings)
    recent.init_app(app, secret_key=settings.secret_key, secure=settings.secure)
    csrf = CSRFProtect(app)
    errors.init_app(app)
    files = assets.Assets(business_name=settings.business_name, accent_color=settings.accent_color)
    app.register_blueprint(assets.blueprint(files))
    for module in (
        access,
        billing_info,
        calendar_feed,
        contact,
        credits,
        dashboard,
        email_change,
        health,
        invoices,
        my_data,
        notifications,
        papers,
        pay,
        payment_history,
        profile,
        receipts,
        services,
        statement,
        unsubscribe,
        webhooks,
        why,
    ):
        app.register_blueprint(module.pages)
    csrf.exempt(webhooks.pages)
    # Its form checks the token itself: a message is not lost because the session ended while it was written.
    csrf.exempt(contact.pages)
    csrf.exempt(unsubscribe.pages)
    _prepare_templates(app, settings, files)
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    return app


def _client(settings: GatewaySettings) -> Backend:
    # Imported here: whoever brings a client of his own (the embedded process, a test) needs no broker.
    from chassis import rpc

    return rpc.shared(settings.broker_url)


def _configure(app: Flask, settings: GatewaySettings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        # The prefix binds the cookie to this very host over https (RFC 6265bis).
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FORM_FIELDS,
        # The token is bound to the session cookie, which ends with the log-in; a pay page may lie open for hours.
        WTF_CSRF_TIME_LIMIT=None,
        TEMPLATES_AUTO_RELOAD=False,
    )


def _prepare_templates(app: Flask, settings: GatewaySettings, files: assets.Assets) -> None:
    formats = Formats(settings.locale, settings.time_zone)
    app.extensions["porchlight.formats"] = formats
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    shared: dict[str, Any] = {
        "business": settings,
        "asset": files.path,
        "money": formats.money,
        "signed_money": formats.signed_money,
        "day": formats.day,
        "written_month": formats.written_month,
        "short_month": formats.short_month,
        "moment": formats.moment,
        "weekday": formats.weekday,
        "window": formats.window,
        "moment_in": formats.moment_in,
        "brand_name": brand_name,
        "due_words": due_words,
        "in_days": in_days,
        "lines_of": lines_of,
        "phone_link": phone_link,
        "who": session_view,
    }
    environment.globals.update(shared)
    # Compiled now: the first visitor does not wait for it, and a broken template fails the start, not a page.
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)
