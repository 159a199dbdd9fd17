"""The mailbox over HTTP: `POST /mailbox/messages` takes a message, the pages show it, `/mailbox/api` tells tests."""

import re
from email.utils import parseaddr

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound, UnsupportedMediaType
from werkzeug.wrappers import Response as BaseResponse

from sandbox.mailbox.messages import Email, Mailbox, MailError

HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: cid: https:; "
    "sandbox allow-popups allow-top-navigation-by-user-activation"
)
"""An e-mail's HTML brings its own styles and nothing that runs."""
LIMIT = 100
HEAD = re.compile(r"<head(\s[^>]*)?>|<!doctype[^>]*>(?!.*<head)", re.IGNORECASE | re.DOTALL)


def blueprint(mailbox: Mailbox) -> Blueprint:
    """The routes, all below /mailbox."""
    routes = Blueprint("mailbox", __name__, url_prefix="/mailbox")

    @routes.post("/messages")
    def take() -> tuple[Response, int]:
        if request.mimetype != "message/rfc822":
            raise UnsupportedMediaType("Send the message as message/rfc822.")
        try:
            number, new = mailbox.take(request.get_data(), envelope_to=request.headers.getlist("X-Envelope-To") or None)
        except MailError as error:
            raise BadRequest(str(error)) from error
        return jsonify(id=number, new=new), 201 if new else 200

    @routes.get("")
    def index() -> str | BaseResponse:
        # A message names its recipient as "Ana Alvarez <ana@example.com>"; a mailbox is the address alone.
        address = parseaddr(request.args.get("to", ""))[1]
        if address:
            return redirect(url_for("mailbox.inbox", address=address), code=303)
        return render_template("mailboxes.html", recipients=mailbox.recipients())

    @routes.get("/to/<address>")
    def inbox(address: str) -> str:
        return render_template("inbox.html", address=address, emails=mailbox.addressed(address, limit=LIMIT))

    @routes.get("/messages/<int:number>")
    def message(number: int) -> str:
        return render_template("email.html", email=_found(number))

    @routes.get("/messages/<int:number>/html")
    def html(number: int) -> Response:
        response = Response(_opening_outside(_found(number).html), mimetype="text/html")
        response.headers["Content-Security-Policy"] = HTML_POLICY
        return response

    @routes.get("/messages/<int:number>/raw")
    def raw(number: int) -> Response:
        source = mailbox.raw(number)
        if source is None:
            raise NotFound
        return Response(source, mimetype="text/plain")

    @routes.get("/api/messages")
    def api_messages() -> Response:
        limit = max(1, min(request.args.get("limit", LIMIT, type=int), 1000))
        found = mailbox.addressed(request.args.get("to"), limit=limit, after=request.args.get("after", 0, type=int))
        return jsonify(messages=[each.summary() for each in found], count=mailbox.count())

    @routes.get("/api/messages/<int:number>")
    def api_message(number: int) -> Response:
        return jsonify(_found(number).summary())

    @routes.delete("/api/messages")
    def api_clear() -> tuple[str, int]:
        mailbox.clear()
        return "", 204

    def _found(number: int) -> Email:
        found = mailbox.find(number)
        if found is None:
            raise NotFound
        return found

    return routes


def _opening_outside(html: str) -> str:
    """The page with its links opening in the whole window: inside the frame that shows it nothing else may open."""
    head = HEAD.search(html)
    place = head.end() if head else 0
    return f'{html[:place]}<base target="_top">{html[place:]}'
