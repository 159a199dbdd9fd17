"""The page that plays the phone: the texts that reached a number, and replies to them."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from sandbox.twilio.errors import TwilioError
from sandbox.twilio.messages import PHONE, Texts


def blueprint(texts: Texts) -> Blueprint:
    """`/texts` lists the phones, `/texts/<number>` is one; posting `body` there replies from it."""
    routes = Blueprint("phone", __name__)

    @routes.get("/texts")
    def phones() -> str | Response:
        number = request.args.get("number", "").strip()
        if number:
            return redirect(url_for("phone.phone", number=number), code=303)
        return render_template("phones.html", phones=texts.phones())

    @routes.get("/texts/<number>")
    def phone(number: str) -> str:
        if not PHONE.match(number):
            raise NotFound
        messages, stopped = texts.conversation(number)
        return render_template("phone.html", number=number, messages=messages, stopped=stopped)

    @routes.post("/texts/<number>")
    def reply(number: str) -> Response:
        try:
            texts.reply(number, request.form.get("body", ""))
        except TwilioError as error:
            raise BadRequest(str(error)) from error
        return redirect(url_for("phone.phone", number=number), code=303)

    return routes
