"""What goes wrong with a call to Stripe, in the interface's terms."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.payments.clients.provider import ProviderRefused, ProviderUncertain
from services.payments.clients.stripe_library import stripe


@contextmanager
def translated() -> Iterator[None]:
    """Stripe's errors as the interface's. Only an answer that says no is a refusal; all else is uncertain.

    Messages leave out the body: it can hold a client_secret.
    """
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError) as error:
        raise ProviderRefused(
            error.code or type(error).__name__,
            f"{type(error).__name__} {error.code}, request {error.request_id}",
            param=getattr(error, "param", None),
            decline_code=error_body(error).get("decline_code"),
        ) from error
    except stripe.StripeError as error:
        raise ProviderUncertain(
            f"{type(error).__name__} {error.http_status or 'without an answer'}, request {error.request_id}"
        ) from error


def error_body(error: BaseException | None) -> dict[str, Any]:
    """What an answer that is an error says; empty where there was none, or another one."""
    body = getattr(error, "json_body", None)
    found = body.get("error") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}
