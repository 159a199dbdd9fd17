"""Read-your-writes: which payments this browser has just made, in a short-lived signed cookie.

Until the balance service has seen them, pages ask it to wait for them and say "processing" when it has not.
"""

from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from contracts.billing import AppliedCredits
from contracts.payments import PaymentView

LIFETIME_S = 120
MOST = 5

_CREDITS = "credits"
"""Stands where a payment's id stands: credits that were put on invoices, which have no id of their own."""

_SALT = "porchlight.recent-payments"


@dataclass(frozen=True)
class RecentPayment:
    """A payment that went through a moment ago. Amount in minor units."""

    payment_id: str
    customer_id: str
    amount_minor: int


def init_app(app: Flask, *, secret_key: str, secure: bool) -> None:
    """Write the cookie at the end of a request that changed it."""
    app.extensions["porchlight.recent"] = URLSafeTimedSerializer(secret_key, salt=_SALT)
    name = "__Host-recent" if secure else "recent"
    app.config["RECENT_COOKIE"] = name

    def write(response: Response) -> Response:
        payments: list[RecentPayment] | None = g.get("recent_payments")
        if payments is None:
            return response
        if not payments:
            response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")
            return response
        text = _serializer().dumps([[each.payment_id, each.customer_id, each.amount_minor] for each in payments])
        response.set_cookie(name, text, max_age=LIFETIME_S, secure=secure, httponly=True, samesite="Lax")
        return response

    app.after_request(write)


def note(payment: PaymentView) -> None:
    """Remember a payment that succeeded, so that the next pages include it."""
    _keep(RecentPayment(payment.payment_id, payment.customer_id, payment.amount_minor))


def note_credits(applied: AppliedCredits) -> None:
    """Remember credits that were put on invoices."""
    _keep(RecentPayment(_CREDITS, applied.customer_id, applied.applied_minor))


def of_customer(customer_id: str) -> list[RecentPayment]:
    """The payments that this browser made for the account a moment ago."""
    return [each for each in _read() if each.customer_id == customer_id and each.payment_id != _CREDITS]


def ids_of(customer_id: str) -> list[str]:
    """The ids of those payments, for services to wait for."""
    return [each.payment_id for each in of_customer(customer_id)]


def catching_up_minor(customer_id: str, *, included: bool) -> int:
    """What of them a page says is processing: nothing, once its service has included them."""
    return 0 if included else sum(each.amount_minor for each in of_customer(customer_id))


def credits_of(customer_id: str) -> int:
    """What of the account's credits this browser put on invoices a moment ago."""
    return sum(each.amount_minor for each in _read() if each.customer_id == customer_id and each.payment_id == _CREDITS)


def settle(customer_id: str) -> None:
    """Every page is up to date with this account's payments: stop waiting for them."""
    before = _read()
    after = [each for each in before if each.customer_id != customer_id]
    if after != before:
        g.recent_payments = after


def _keep(newest: RecentPayment) -> None:
    kept = [each for each in _read() if each.payment_id != newest.payment_id]
    g.recent_payments = [*kept, newest][-MOST:]


def _read() -> list[RecentPayment]:
    if (changed := g.get("recent_payments")) is not None:
        return list(changed)
    text = request.cookies.get(current_app.config["RECENT_COOKIE"])
    if not text:
        return []
    try:
        rows = _serializer().loads(text, max_age=LIFETIME_S)
        return [RecentPayment(str(row[0]), str(row[1]), int(row[2])) for row in rows][:MOST]
    except (BadSignature, TypeError, ValueError, IndexError):
        return []


def _serializer() -> URLSafeTimedSerializer:
    serializer: URLSafeTimedSerializer = current_app.extensions["porchlight.recent"]
    return serializer
