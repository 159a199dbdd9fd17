"""The secret in the address of a calendar subscription."""

import base64
import hashlib
import hmac


def feed_token(feed_id: str, *, secret: str) -> str:
    """The secret of subscription `feed_id`: made again whenever its page is shown, never stored."""
    digest = hmac.new(secret.encode(), f"visit-feed:{feed_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """By which a subscription is found. Plain SHA-256 is enough: nobody guesses 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()
