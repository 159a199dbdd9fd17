"""Cards kept at Stripe without a payment: SetupIntents, and the detaching of payment methods."""

from typing import Any
from urllib.parse import quote

from services.payments.clients.provider import NewSetup, ProviderRefused, Setup
from services.payments.clients.stripe_errors import error_body, translated
from services.payments.clients.stripe_objects import setup_from

_EXPAND = ["payment_method"]


class StripeCards:
    """A `CardKeeper` over a `stripe.StripeClient`, which the subclass brings."""

    _stripe: Any

    def create_setup(self, new: NewSetup) -> Setup:
        """Make an unconfirmed SetupIntent under the setup's own id as idempotency key."""
        parameters = {
            "customer": new.customer,
            "payment_method": new.payment_method,
            # Auto-pay charges without the holder: the bank's consent to that is asked for now.
            "usage": "off_session",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"setup_id": new.setup_id},
        }
        return self._setup("post", "", parameters, key=new.setup_id)

    def confirm_setup(self, stripe_setup_id: str, *, setup_id: str) -> Setup:
        """Keep the card. Stripe reports a decline as an error that carries the setup; here it is the setup.

        Without a `return_url` what Stripe wants next is for its script to do (`handleNextAction`).
        """
        parameters = {"expand": _EXPAND}
        try:
            return self._setup("post", f"/{quote(stripe_setup_id)}/confirm", parameters, key=f"{setup_id}-confirm")
        except ProviderRefused as refusal:
            declined = error_body(refusal.__cause__).get("setup_intent")
            if not isinstance(declined, dict):
                raise
            return setup_from(declined)

    def retrieve_setup(self, stripe_setup_id: str) -> Setup:
        """Return the SetupIntent as it stands."""
        return self._setup("get", f"/{quote(stripe_setup_id)}", {"expand": _EXPAND})

    def cancel_setup(self, stripe_setup_id: str) -> Setup:
        """Cancel the SetupIntent; nobody can confirm it afterwards."""
        parameters = {"cancellation_reason": "abandoned", "expand": _EXPAND}
        return self._setup("post", f"/{quote(stripe_setup_id)}/cancel", parameters)

    def detach(self, payment_method: str) -> None:
        """Take the payment method from its customer, for good."""
        with translated():
            self._stripe.raw_request("post", f"/v1/payment_methods/{quote(payment_method)}/detach")

    def _setup(self, method: str, path: str, parameters: dict[str, Any], *, key: str | None = None) -> Setup:
        options = {} if key is None else {"idempotency_key": key}
        with translated():
            answer = self._stripe.raw_request(method, f"/v1/setup_intents{path}", **parameters, **options)
        return setup_from(answer.data)
