"""The page and the call with which a card's holder answers the 3-D Secure question."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as BaseResponse

from sandbox.documents import Document, Documents
from sandbox.stripe import amounts, authentication, payments, setup_intents
from sandbox.stripe.api import API_VERSION
from sandbox.stripe.call import Call
from sandbox.stripe.engine import Engine
from sandbox.stripe.ids import new_id

OUTCOMES = {"complete": True, "fail": False}


def blueprint(engine: Engine) -> Blueprint:
    """`GET /three_d_secure/<source>` shows the question; `POST` with `outcome` complete or fail answers it.

    A script that asks for JSON is told the intent's status; a person is sent back to the intent's return URL.
    """
    routes = Blueprint("three_d_secure", __name__)

    @routes.get(f"{authentication.PAGE}<source>")
    def ask(source: str) -> str | Response:
        with engine.transaction() as work:
            question, intent = _found(Documents(work.connection), source)
        if _wants_json():
            answer = jsonify(_summary(source, intent))
            answer.headers["Access-Control-Allow-Origin"] = "*"
            return answer
        return render_template("three_d_secure.html", question=question, **_summary(source, intent))

    @routes.post(f"{authentication.PAGE}<source>")
    def answer(source: str) -> BaseResponse:
        completed = OUTCOMES.get(request.form.get("outcome", ""))
        if completed is None:
            raise BadRequest("outcome must be complete or fail")
        with engine.transaction() as work:
            documents = Documents(work.connection)
            question, intent = _found(documents, source)
            # A second answer changes nothing: the first one counted.
            if authentication.is_open(intent, source):
                call = Call(
                    documents=documents,
                    params={},
                    now=int(engine.now()),
                    base_url="",
                    api_version=API_VERSION,
                    request_id=new_id("req", length=14),
                )
                resource = payments if intent["object"] == "payment_intent" else setup_intents
                resource.answered(call, intent, completed=completed)
                work.keep_events(call)
        if _wants_json() or question["return_url"] is None:
            response = jsonify(_summary(source, intent))
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
        return redirect(authentication.way_back(question["return_url"], intent), code=303)

    @routes.route(f"{authentication.PAGE}<source>", methods=["OPTIONS"])
    def allow(source: str) -> Response:
        response = make_response("", 204)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        return response

    return routes


def _found(documents: Documents, source: str) -> tuple[Document, Document]:
    question = documents.get("three_d_secure", source)
    intent = documents.get(question["kind"], question["intent"]) if question else None
    if question is None or intent is None:
        raise NotFound
    return question, intent


def _summary(source: str, intent: Document) -> Document:
    amount = amounts.written(intent["amount"], intent["currency"]) if "amount" in intent else None
    return {"amount": amount, "open": authentication.is_open(intent, source), "status": intent["status"]}


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
