"""The script and stylesheet that a page loads in place of js.stripe.com."""

import functools
import hashlib
from pathlib import Path

from flask import Blueprint, Response, request

FOLDER = Path(__file__).parent / "browser"
PARTS = ("transport.js", "fields.js", "elements.js", "dialog.js", "stripe.js")


def blueprint() -> Blueprint:
    """`/js/v3/` is the script, `/js/v3/elements.css` its stylesheet; both may be loaded from any origin."""
    routes = Blueprint("stripe_script", __name__)

    @routes.get("/js/v3/")
    def script() -> Response:
        return _cached(_script(), "text/javascript")

    @routes.get("/js/v3/elements.css")
    def stylesheet() -> Response:
        return _cached((FOLDER / "elements.css").read_bytes(), "text/css")

    return routes


@functools.cache
def _script() -> bytes:
    # One scope around the parts, so that a page sees nothing of them but window.Stripe.
    parts = b"\n".join((FOLDER / name).read_bytes() for name in PARTS)
    return b'(() => {\n"use strict";\n' + parts + b"})();\n"


def _cached(body: bytes, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(body).hexdigest()[:16])
    response.make_conditional(request)
    return response
