"""Refunds and disputes at Stripe."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.payments.clients.provider import ReturnAtProvider
from services.payments.clients.stripe_errors import translated
from services.payments.clients.stripe_objects import dispute_from, refund_from

_LISTED = 100


class StripeReturns:
    """A `ReturnTeller` over a `stripe.StripeClient`, which the subclass brings."""

    _stripe: Any

    def retrieve_refund(self, stripe_id: str) -> ReturnAtProvider:
        """The Refund as it stands."""
        return refund_from(self._get(f"/v1/refunds/{quote(stripe_id)}"))

    def retrieve_dispute(self, stripe_id: str) -> ReturnAtProvider:
        """The Dispute as it stands."""
        return dispute_from(self._get(f"/v1/disputes/{quote(stripe_id)}"))

    def returns_since(self, since: datetime) -> Iterator[ReturnAtProvider]:
        """Both lists, newest first, page after page."""
        yield from self._listed("/v1/refunds", since, refund_from)
        yield from self._listed("/v1/disputes", since, dispute_from)

    def _listed(
        self, path: str, since: datetime, read: Callable[[Mapping[str, Any]], ReturnAtProvider]
    ) -> Iterator[ReturnAtProvider]:
        parameters: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": _LISTED}
        while True:
            page = self._get(path, **parameters)
            yield from map(read, page["data"])
            if not page["has_more"]:
                return
            parameters["starting_after"] = page["data"][-1]["id"]

    def _get(self, path: str, **parameters: Any) -> Mapping[str, Any]:
        with translated():
            found: Mapping[str, Any] = self._stripe.raw_request("get", path, **parameters).data
        return found
