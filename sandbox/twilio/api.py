"""The HTTP side of Twilio's API: `/2010-04-01/Accounts/{sid}/Messages`."""

import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from sandbox.documents import Document
from sandbox.faults import Faults
from sandbox.hangup import hang_up
from sandbox.journal import Journal
from sandbox.misfortune import Dropped, Refused, strike
from sandbox.settings import Settings
from sandbox.twilio.errors import TwilioError, not_found, unauthenticated
from sandbox.twilio.messages import Texts

PAGE_SIZE = 50
PAGE_SIZE_MAX = 1000
ACCOUNT = "/2010-04-01/Accounts/<account>"


class Api:
    """Answers the calls of Twilio's Messages API."""

    def __init__(
        self, texts: Texts, faults: Faults, journal: Journal, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self._texts = texts
        self._faults = faults
        self._journal = journal
        self._settings = settings
        self._clock = clock

    def blueprint(self) -> Blueprint:
        """The routes, at the root: the answers' URIs are Twilio's own paths."""
        routes = Blueprint("twilio_api", __name__)

        @routes.post(f"{ACCOUNT}/Messages.json")
        def create(account: str) -> Response:
            return self._handle(account, "/Messages.json", 201, self._create)

        @routes.get(f"{ACCOUNT}/Messages.json")
        def list_all(account: str) -> Response:
            return self._handle(account, "/Messages.json", 200, self._list)

        @routes.get(f"{ACCOUNT}/Messages/<sid>.json")
        def fetch(account: str, sid: str) -> Response:
            return self._handle(account, "/Messages/{Sid}.json", 200, lambda: self._texts.find(sid))

        @routes.route("/2010-04-01/<path:rest>", methods=("GET", "POST", "DELETE"))
        def unknown(rest: str) -> Response:
            return _response(404, not_found(f"/2010-04-01/{rest}").body)

        return routes

    def _handle(self, account: str, name: str, status: int, work: Callable[[], Document]) -> Response:
        path = request.path
        entry: dict[str, Any] = {
            "at": self._clock(),
            "service": "twilio",
            "method": request.method,
            "path": path,
            "operation": "/2010-04-01/Accounts/{AccountSid}" + name,
            "params": (request.form if request.method == "POST" else request.args).to_dict(),
        }
        dropped = False
        try:
            strike(self._faults, request.method, path, "before")
            self._authenticate(account)
            answer = {key: value for key, value in work().items() if key != "id"}
            strike(self._faults, request.method, path, "after")
        except TwilioError as error:
            status, answer = error.status, error.body
        except Refused as refusal:
            entry["fault"] = "status"
            status = refusal.status
            answer = TwilioError("Internal Server Error", code=20500, status=status).body
        except Dropped:
            entry["fault"] = "drop"
            dropped, status, answer = True, 0, {}
        entry["status"] = status
        self._journal.note(entry)
        if self._journal.records and not dropped:
            self._journal.record(entry | {"answer": answer})
        return hang_up(request.environ) if dropped else _response(status, answer)

    def _authenticate(self, account: str) -> None:
        given = request.authorization
        if given is None or given.type != "basic":
            raise unauthenticated()
        expected = (self._settings.twilio_account_sid, self._settings.twilio_auth_token)
        for one, other in zip(((given.username or ""), (given.password or "")), expected, strict=True):
            if not hmac.compare_digest(one.encode(), other.encode()):
                raise unauthenticated()
        if account != self._settings.twilio_account_sid:
            raise not_found(request.path)

    def _create(self) -> Document:
        form = request.form
        return self._texts.send(
            to=form.get("To", ""),
            body=form.get("Body", ""),
            sender=form.get("From"),
            service_sid=form.get("MessagingServiceSid"),
            status_callback=form.get("StatusCallback"),
        )

    def _list(self) -> Document:
        wanted = request.args
        size = max(1, min(wanted.get("PageSize", PAGE_SIZE, type=int), PAGE_SIZE_MAX))
        number = max(0, wanted.get("Page", 0, type=int))
        found, more = self._texts.page(to=wanted.get("To"), sender=wanted.get("From"), size=size, number=number)

        def uri(page: int) -> str:
            query = {
                **{name: wanted[name] for name in ("To", "From") if name in wanted},
                "PageSize": size,
                "Page": page,
            }
            return f"{request.path}?{urlencode(query)}"

        return {
            "end": number * size + max(0, len(found) - 1),
            "first_page_uri": uri(0),
            "messages": [{key: value for key, value in each.items() if key != "id"} for each in found],
            "next_page_uri": uri(number + 1) if more else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": uri(number - 1) if number else None,
            "start": number * size,
            "uri": uri(number),
        }


def _response(status: int, answer: dict[str, Any]) -> Response:
    response = Response(json.dumps(answer), status=status, mimetype="application/json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response
