"""What every response tells the browser it may not do, and which host names are ours."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from gateway.composition import session_view
from gateway.settings import GatewaySettings

MACHINE_PAGES = (
    "health.livez",
    "health.readyz",
    "webhooks.stripe",
    "webhooks.incoming_text",
    "webhooks.text_status",
)
"""Asked by programs under whatever name they reach us; they neither set cookies nor make links."""

_TWO_YEARS_S = 63_072_000
_NO_DEVICES = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), usb=()"
_REAL_STRIPE_HOST = "js.stripe.com"


class WrongHost(Exception):
    """The request came under a host name that is not the portal's."""


class Policies:
    """The Content-Security-Policy of plain pages and of those that take a card."""

    def __init__(self, settings: GatewaySettings) -> None:
        script, api = _origin(settings.stripe_js_url), _origin(settings.stripe_api_base)
        frames, styles = [script], "'self'"
        if urlsplit(settings.stripe_js_url).hostname == _REAL_STRIPE_HOST:
            # As https://docs.stripe.com/security/guide asks for: card fields and 3-D Secure live in frames.
            frames += ["https://*.js.stripe.com", "https://hooks.stripe.com"]
        else:
            # A stand-in draws its fields into the page itself and brings their stylesheet.
            styles = f"'self' {script}"
        self.plain = _policy(script="'self'")
        self.card = _policy(
            script=" ".join(["'self'", *frames[:2]]),
            style=styles,
            connect=" ".join(dict.fromkeys(["'self'", api, script])),
            frame=" ".join(frames),
        )
        self.stripe_origin = script


def init_app(app: Flask, settings: GatewaySettings) -> None:
    """Refuse foreign host names, and put the security headers on every response."""
    policies = Policies(settings)

    def check_host() -> None:
        if request.endpoint not in MACHINE_PAGES and request.host.lower() != settings.portal_host:
            raise WrongHost

    def protect(response: Response) -> Response:
        takes_card = g.get("takes_card", False)
        headers = response.headers
        headers["Content-Security-Policy"] = policies.card if takes_card else policies.plain
        headers["X-Content-Type-Options"] = "nosniff"
        # The own pages need it for the form check; a link's secret in the path must not leave with a click.
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Robots-Tag"] = "noindex"
        payment = f'payment=(self "{policies.stripe_origin}")' if takes_card else "payment=()"
        headers["Permissions-Policy"] = f"{_NO_DEVICES}, {payment}"
        if settings.secure:
            headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS_S}"
        if "Cache-Control" not in headers or session_view() is not None:
            headers["Cache-Control"] = "no-store"
        return response

    app.before_request(check_host)
    app.after_request(protect)


def allow_card_entry() -> None:
    """This page takes a card: let it load Stripe's script and frames."""
    g.takes_card = True


def _policy(*, script: str, style: str = "'self'", connect: str = "", frame: str = "") -> str:
    directives = {
        "default-src": "'none'",
        "script-src": script,
        "style-src": style,
        # Bootstrap draws ticks and arrows from data: images.
        "img-src": "'self' data:",
        "connect-src": connect,
        "frame-src": frame,
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items() if value)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
