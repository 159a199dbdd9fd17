"""The switchboard over HTTP, for tests and demos: what goes wrong, what was asked, which webhooks are on their way."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from sandbox.deliveries import Deliveries
from sandbox.faults import FaultError, Faults
from sandbox.journal import Journal


def blueprint(faults: Faults, journal: Journal, deliveries: Deliveries) -> Blueprint:
    """The routes, all below /control. There is no password: the sandbox listens on a private address."""
    routes = Blueprint("control", __name__, url_prefix="/control")

    @routes.get("/faults")
    def listed() -> Response:
        return jsonify(faults=faults.listed())

    @routes.post("/faults")
    def add() -> tuple[Response, int]:
        wanted = request.get_json()
        if not isinstance(wanted, dict):
            raise BadRequest("Send a JSON object.")
        try:
            return jsonify(id=faults.add(wanted).id), 201
        except FaultError as error:
            raise BadRequest(str(error)) from error

    @routes.delete("/faults")
    def clear() -> tuple[str, int]:
        faults.clear()
        return "", 204

    @routes.get("/requests")
    def requests() -> Response:
        return jsonify(requests=journal.entries())

    @routes.delete("/requests")
    def forget() -> tuple[str, int]:
        journal.clear()
        return "", 204

    @routes.get("/webhooks")
    def webhooks() -> Response:
        return jsonify(
            held=deliveries.held,
            count=deliveries.count(),
            webhooks=deliveries.listed(state=request.args.get("state", "")),
        )

    @routes.post("/webhooks/hold")
    def hold() -> tuple[str, int]:
        deliveries.hold()
        return "", 204

    @routes.post("/webhooks/release")
    def release() -> tuple[str, int]:
        deliveries.release()
        return "", 204

    @routes.post("/webhooks/<subject>/repeat")
    def repeat(subject: str) -> Response:
        return jsonify(repeated=deliveries.repeat(subject))

    return routes
