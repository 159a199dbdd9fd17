"""Stripe's webhook signature. Source: Stripe's documentation, "Verify webhook signatures manually"."""

import hashlib
import hmac
import time
from collections.abc import Callable


def signer(secret: str) -> Callable[[str, str], dict[str, str]]:
    """Makes the headers of a webhook (url, body), signed at the moment it is sent."""

    def sign(_url: str, body: str) -> dict[str, str]:
        sent_at = int(time.time())
        signature = hmac.new(secret.encode(), f"{sent_at}.{body}".encode(), hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": f"t={sent_at},v1={signature}",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }

    return sign
