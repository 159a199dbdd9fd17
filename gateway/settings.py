"""What the gateway is told at start. Every value comes from the environment; `chassis.settings.load` reads it."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from chassis.setting_checks import locale_name, web_address
from chassis.settings import Env, ServiceSettings
from gateway.colour import Colour


def origin(value: str) -> None:
    """Raise ValueError unless `value` is `http(s)://host[:port]` and nothing more."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address such as https://portal.example.com")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be scheme and host alone: the portal lives at the root of its host")


def mail_address(value: str) -> None:
    """Raise ValueError unless `value` could be an e-mail address."""
    local, _, domain = value.rpartition("@")
    if not local or ("." not in domain.strip(".") and domain != "localhost") or any(c.isspace() for c in value):
        raise ValueError("not an e-mail address")


def publishable_key(value: str) -> None:
    """Raise ValueError for anything but a publishable key: a secret key here would be shown to every browser."""
    if not value.startswith("pk_"):
        raise ValueError("must be Stripe's publishable key; it begins with pk_")


class GatewaySettings(ServiceSettings, frozen=True, kw_only=True):
    """The gateway's settings: the portal's address, the business as its pages name it, and Stripe's browser side."""

    portal_url: Annotated[
        str, Env("PORCHLIGHT_PORTAL_URL", "The portal's own address, such as https://portal.example.com", check=origin)
    ]
    secret_key: Annotated[str, Env("PORCHLIGHT_SECRET_KEY", "Signs the portal's cookies", secret=True)]
    business_name: Annotated[str, Env("PORCHLIGHT_BUSINESS_NAME", "The business's name as customers know it")]
    business_email: Annotated[str, Env("PORCHLIGHT_BUSINESS_EMAIL", "Where Contact Us leads", check=mail_address)]
    business_phone: Annotated[str, Env("PORCHLIGHT_BUSINESS_PHONE", "The business's telephone number")] = ""
    business_address: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_ADDRESS", "The business's postal address; a comma ends a line")
    ] = ""
    business_hours: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_HOURS", "When the business can be reached; a comma ends a line")
    ] = ""
    business_website: Annotated[
        str, Env("PORCHLIGHT_BUSINESS_WEBSITE", "The business's own website", check=web_address)
    ] = ""
    locale: Annotated[
        str, Env("PORCHLIGHT_LOCALE", "How money and dates are written, such as en_US", check=locale_name)
    ] = "en_US"
    accent_color: Annotated[
        str, Env("PORCHLIGHT_ACCENT_COLOR", "The business's own colour, #rrggbb", check=Colour.parse)
    ] = "#1f5f8b"
    stripe_publishable_key: Annotated[
        str, Env("STRIPE_PUBLISHABLE_KEY", "Stripe's key for the browser, pk_…", check=publishable_key)
    ]
    stripe_api_base: Annotated[
        str, Env("STRIPE_API_BASE", "Where the browser reaches Stripe's API", check=web_address)
    ] = "https://api.stripe.com"
    stripe_js_url: Annotated[str, Env("STRIPE_JS_URL", "Stripe's script for card fields", check=web_address)] = (
        "https://js.stripe.com/v3/"
    )
    proxy_count: Annotated[
        int,
        msgspec.Meta(ge=0, le=5),
        Env("PORCHLIGHT_PROXY_COUNT", "How many proxies of yours stand in front and set X-Forwarded-For"),
    ] = 0

    @property
    def secure(self) -> bool:
        """Whether customers come by https: cookies are then Secure and browsers told to stay with https."""
        return urlsplit(self.portal_url).scheme == "https"

    @property
    def portal_host(self) -> str:
        """The only host name, with its port, under which pages are served."""
        parts = urlsplit(self.portal_url)
        usual = {"http": 80, "https": 443}[parts.scheme]
        return (parts.hostname or "") if parts.port in (None, usual) else f"{parts.hostname}:{parts.port}"


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the gateway's web server runs; read by gunicorn.conf.py."""

    bind: Annotated[str, Env("PORCHLIGHT_GATEWAY_BIND", "Address and port the gateway listens on")] = "127.0.0.1:8000"
    workers: Annotated[
        int, msgspec.Meta(ge=1, le=64), Env("PORCHLIGHT_GATEWAY_WORKERS", "Processes of the gateway")
    ] = 2
    threads: Annotated[
        int, msgspec.Meta(ge=1, le=200), Env("PORCHLIGHT_GATEWAY_THREADS", "Requests a process works on at once")
    ] = 16
