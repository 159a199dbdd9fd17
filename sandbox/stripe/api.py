"""The HTTP side of the API: keys, parameters, idempotency, faults, and answers in Stripe's form."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request

from sandbox.documents import Document, Documents
from sandbox.faults import Faults
from sandbox.hangup import hang_up
from sandbox.journal import Journal
from sandbox.misfortune import Dropped, Refused, strike
from sandbox.settings import Settings
from sandbox.stripe import (
    charges,
    customers,
    disputes,
    events,
    forms,
    idempotency,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from sandbox.stripe.call import OPERATIONS, Call, Operation, shown
from sandbox.stripe.engine import Engine
from sandbox.stripe.errors import StripeError
from sandbox.stripe.expand import expanded
from sandbox.stripe.idempotency import Answer
from sandbox.stripe.ids import new_id

RESOURCES = (charges, customers, disputes, events, payment_intents, payment_methods, refunds, setup_intents)
"""Importing them registers their operations."""

API_VERSION = "2025-09-30.clover"
HIDDEN_FROM_PUBLISHABLE = (
    "application", "application_fee_amount", "customer", "latest_charge", "metadata", "on_behalf_of", "review",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group",
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")


@dataclass
class _Exchange:
    """A request and what is to be said of it afterwards."""

    operation: Operation
    ids: dict[str, str]
    path: str
    request_id: str
    key: str | None
    form: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None

    @property
    def kept(self) -> idempotency.Request:
        """By which the request's answer is kept."""
        return idempotency.Request(self.key or "", self.path, idempotency.fingerprint(self.form))


class Api:
    """Answers the calls of Stripe's API."""

    def __init__(self, engine: Engine, faults: Faults, journal: Journal, settings: Settings) -> None:
        self._engine = engine
        self._faults = faults
        self._journal = journal
        self._settings = settings
        self._keys = idempotency.Keys()

    def blueprint(self) -> Blueprint:
        """The routes of every operation, to be put below the base that clients are given."""
        routes = Blueprint("stripe_api", __name__)
        for number, each in enumerate(OPERATIONS):
            routes.add_url_rule(
                each.path, endpoint=f"operation_{number}", view_func=self._view(each), methods=[each.method]
            )
        routes.add_url_rule("/v1/<path:rest>", endpoint="unknown", view_func=self._unknown, methods=METHODS)
        routes.after_request(_allow_browsers)
        return routes

    def base_url(self) -> str:
        """Where a browser finds this stand-in."""
        return f"{self._settings.public_url.rstrip('/') or request.host_url.rstrip('/')}/stripe"

    def _view(self, operation: Operation) -> Callable[..., Response]:
        def view(**ids: str) -> Response:
            return self._handle(operation, ids)

        return view

    def _unknown(self, rest: str) -> Response:
        error = StripeError(
            f"Unrecognized request URL ({request.method}: /v1/{rest}). Please see https://stripe.com/docs or we can "
            "help at https://support.stripe.com/.",
            status=404,
        )
        return _response(_failed(error, new_id("req", length=14)), {})

    def _handle(self, operation: Operation, ids: dict[str, str]) -> Response:
        exchange = _Exchange(
            operation=operation,
            ids=ids,
            path=request.path[request.path.index("/v1/") :],
            request_id=new_id("req", length=14),
            key=request.headers.get("Idempotency-Key") if operation.method == "POST" else None,
        )
        try:
            answer = self._answer(exchange)
        except StripeError as error:
            answer = _failed(error, exchange.request_id)
        except Refused as refusal:
            exchange.fault = "status"
            answer = _own_failure(refusal.status, exchange.request_id)
        except Dropped:
            exchange.fault = "drop"
            self._note(exchange, None)
            return hang_up(request.environ)
        self._note(exchange, answer)
        return _response(answer, exchange.headers)

    def _note(self, exchange: "_Exchange", answer: Answer | None) -> None:
        entry = {
            "at": self._engine.now(),
            "service": "stripe",
            "method": exchange.operation.method,
            "path": exchange.path,
            "operation": exchange.operation.path.replace("<", "{").replace(">", "}"),
            "params": _without_card(exchange.form),
            "status": answer.status if answer else None,
            "idempotency_key": exchange.key,
            "replayed": "Idempotent-Replayed" in exchange.headers,
            "request_id": exchange.request_id,
            "fault": exchange.fault,
        }
        self._journal.note(entry)
        if self._journal.records and answer is not None:
            self._journal.record(entry | {"answer": json.loads(answer.body)})

    def _answer(self, exchange: "_Exchange") -> Answer:
        operation = exchange.operation
        publishable = self._authenticated(operation)
        sent = request.get_data(as_text=True) if operation.method == "POST" else request.query_string.decode()
        exchange.form = forms.decode(sent)
        params = operation.params.read(exchange.form, "")
        if exchange.key is not None:
            self._keys.begin(exchange.key)
        try:
            strike(self._faults, operation.method, exchange.path, "before")
            answer = self._work(exchange, params, publishable=publishable)
            try:
                strike(self._faults, operation.method, exchange.path, "after")
            except Refused as refusal:
                # Stripe keeps its own failures too: the same key gets the same 500 again.
                self._replace(exchange, _own_failure(refusal.status, exchange.request_id))
                raise
            return answer
        finally:
            if exchange.key is not None:
                self._keys.end(exchange.key)

    def _work(self, exchange: "_Exchange", params: dict[str, Any], *, publishable: bool) -> Answer:
        with self._engine.transaction() as work:
            if exchange.key is not None:
                exchange.headers["Idempotency-Key"] = exchange.key
                earlier = idempotency.earlier_answer(work.connection, exchange.kept, self._engine.now())
                if earlier is not None:
                    exchange.headers |= {
                        "Idempotent-Replayed": "true",
                        "Original-Request": earlier.request_id,
                    }
                    return earlier
            call = Call(
                documents=Documents(work.connection),
                params=params,
                now=int(self._engine.now()),
                base_url=self.base_url(),
                api_version=request.headers.get("Stripe-Version", API_VERSION),
                request_id=exchange.request_id,
                idempotency_key=exchange.key,
                publishable=publishable,
            )
            work.mark()
            try:
                document = shown(exchange.operation.handler(call, **exchange.ids))
                answer = _answered(call, expanded(call, document, params.get("expand", [])))
            except StripeError as error:
                # A decline changes the intent and stays; any other refusal leaves everything as it was.
                if error.status != 402:
                    work.undo()
                    call.events.clear()
                answer = _failed(error, call.request_id, publishable=publishable)
            work.keep_events(call)
            if exchange.key is not None:
                idempotency.keep(work.connection, exchange.kept, answer, self._engine.now())
        return answer

    def _replace(self, exchange: "_Exchange", answer: Answer) -> None:
        if exchange.key is not None:
            with self._engine.transaction() as work:
                idempotency.keep(work.connection, exchange.kept, answer, self._engine.now())

    def _authenticated(self, operation: Operation) -> bool:
        """Whether the key is the publishable one. Raises Stripe's 401, or its 403 where the secret key is needed."""
        authorization = request.authorization
        given = ""
        if authorization is not None:
            given = (authorization.username if authorization.type == "basic" else authorization.token) or ""
        if not given:
            raise StripeError(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
                "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
                status=401,
            )
        if hmac.compare_digest(given.encode(), self._settings.stripe_secret_key.encode()):
            return False
        if not hmac.compare_digest(given.encode(), self._settings.stripe_publishable_key.encode()):
            masked = f"{given[:8]}{'*' * max(0, len(given) - 12)}{given[-4:] if len(given) > 12 else ''}"
            raise StripeError(f"Invalid API Key provided: {masked}", status=401)
        if not operation.publishable:
            raise StripeError(
                "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
                "list of your API keys at https://dashboard.stripe.com/account/apikeys.",
                status=403,
                code="secret_key_required",
            )
        return True


def _answered(call: Call, document: Document) -> Answer:
    if call.publishable:
        document = _for_browsers(document)
    return Answer(200, json.dumps(document), call.request_id)


def _for_browsers(document: Document) -> Document:
    if document["object"] not in ("payment_intent", "setup_intent"):
        return document
    return {name: value for name, value in document.items() if name not in HIDDEN_FROM_PUBLISHABLE}


def _failed(error: StripeError, request_id: str, *, publishable: bool = False) -> Answer:
    body = dict(error.error, request_log_url=f"https://dashboard.stripe.com/test/logs/{request_id}")
    for name in ("payment_intent", "setup_intent"):
        if publishable and name in body:
            body[name] = _for_browsers(body[name])
    return Answer(error.status, json.dumps({"error": body}), request_id)


def _own_failure(status: int, request_id: str) -> Answer:
    message = "Too many requests" if status == 429 else "An unknown error occurred"
    return Answer(status, json.dumps({"error": {"message": message, "type": "api_error"}}), request_id)


def _response(answer: Answer, headers: dict[str, str]) -> Response:
    response = Response(answer.body, status=answer.status, mimetype="application/json")
    response.headers["Request-Id"] = answer.request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    for name, value in headers.items():
        response.headers[name] = value
    if answer.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Stripe"'
    return response


def _allow_browsers(response: Response) -> Response:
    """Lets a page of any origin call, as Stripe does: the keys are what protects, and no cookie is used."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Request-Id, Idempotent-Replayed"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, Idempotency-Key, Stripe-Version"
        )
        response.headers["Access-Control-Max-Age"] = "300"
    return response


def _without_card(params: dict[str, Any]) -> dict[str, Any]:
    card = params.get("card")
    if not isinstance(card, dict):
        return params
    hidden = {name: "hidden" if name in ("number", "cvc") else value for name, value in card.items()}
    return params | {"card": hidden}
