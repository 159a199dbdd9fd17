"""The part of the fake provider that tells of money which left again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts.payments import ReturnKind
from services.payments.clients.provider import ProviderRefused, ReturnAtProvider

CALM = datetime(2026, 3, 10, 15, tzinfo=UTC)


class FakeReturnTeller:
    """Keeps refunds and disputes; a subclass counts and strikes its calls."""

    returns: dict[str, ReturnAtProvider]
    # The subclass's: counts the call and strikes it where a fault is due.
    _call: Callable[[str, Any, Callable[[], Any]], Any]

    def give_back(
        self, intent_id: str | None, amount_minor: int, *, kind: ReturnKind = "refund", made_at: datetime = CALM
    ) -> str:
        """Somebody sends money back at the provider, or a bank takes it; the id there."""
        stripe_id = f"{'re' if kind == 'refund' else 'dp'}_{len(self.returns) + 1}"
        self.returns[stripe_id] = ReturnAtProvider(
            stripe_id=stripe_id,
            kind=kind,
            intent_id=intent_id,
            amount_minor=amount_minor,
            has_left=True,
            was_ever_taken=True,
            made_at=made_at,
        )
        return stripe_id

    def take_again(self, stripe_id: str) -> None:
        """The dispute is won, or the refund fails."""
        self.returns[stripe_id] = replace(self.returns[stripe_id], has_left=False)

    def retrieve_refund(self, stripe_id: str) -> ReturnAtProvider:
        found: ReturnAtProvider = self._call("retrieve_refund", stripe_id, lambda: self._known(stripe_id))
        return found

    def retrieve_dispute(self, stripe_id: str) -> ReturnAtProvider:
        found: ReturnAtProvider = self._call("retrieve_dispute", stripe_id, lambda: self._known(stripe_id))
        return found

    def returns_since(self, since: datetime) -> Iterator[ReturnAtProvider]:
        found = [each for each in self.returns.values() if each.made_at >= since]
        listed: list[ReturnAtProvider] = self._call("returns_since", since, lambda: found)
        yield from listed

    def _known(self, stripe_id: str) -> ReturnAtProvider:
        if stripe_id not in self.returns:
            raise ProviderRefused("resource_missing", "No such object.", param="id")
        return self.returns[stripe_id]
