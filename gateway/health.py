"""/livez and /readyz, for whoever runs the gateway."""

from flask import Blueprint, Response

from gateway.log import log
from gateway.rpc import backend

pages = Blueprint("health", __name__)

_CONNECT_TIMEOUT_S = 2.0


@pages.get("/livez")
def livez() -> Response:
    """200 while this process answers at all."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def readyz() -> Response:
    """200 while the broker can be reached; 503 names it. A single service that is away leaves its panel only."""
    try:
        backend().connect(_CONNECT_TIMEOUT_S)
    except Exception as error:
        # Whatever keeps the broker away is the answer here, not a failure of this page.
        log.warning("not_ready", reason=str(error))
        return Response("broker: not connected\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
