"""Errors in Stripe's shape. Source: Stripe's API reference, "Errors" and "Error codes"."""

from typing import Any

from sandbox.documents import Document

DOC_URL = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """An answer that is not a success; what is None is left out of it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        charge: str | None = None,
        payment_method: Document | None = None,
        payment_intent: Document | None = None,
        setup_intent: Document | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {
            name: value
            for name, value in (
                ("charge", charge),
                ("code", code),
                ("decline_code", decline_code),
                ("doc_url", DOC_URL + code.replace("_", "-") if code else None),
                ("message", message),
                ("param", param),
                ("payment_intent", payment_intent),
                ("payment_method", payment_method),
                ("setup_intent", setup_intent),
                ("type", kind),
            )
            if value is not None
        }


def missing(kind: str, document_id: str, *, param: str, status: int = 404) -> StripeError:
    """No object of this kind has this id: 404 where the path names it, 400 where a parameter does."""
    label = {"payment_method": "PaymentMethod", "setup_intent": "setupintent"}.get(kind, kind)
    return StripeError(f"No such {label}: '{document_id}'", status=status, code="resource_missing", param=param)


def card_error(
    message: str,
    *,
    code: str,
    decline_code: str | None = None,
    param: str | None = None,
    charge: str | None = None,
    payment_method: Document | None = None,
    payment_intent: Document | None = None,
    setup_intent: Document | None = None,
) -> StripeError:
    """402: the card was refused. What the attempt changed is kept."""
    return StripeError(
        message,
        status=402,
        kind="card_error",
        code=code,
        decline_code=decline_code,
        param=param,
        charge=charge,
        payment_method=payment_method,
        payment_intent=payment_intent,
        setup_intent=setup_intent,
    )
