"""Secrets of links and sessions: what the customer holds, and the hash that the database keeps."""

import base64
import hashlib
import hmac
import secrets

_SESSION_TOKEN_BYTES = 32


def link_token(link_id: str, *, link_secret: str) -> str:
    """The secret of link `link_id`: made again from the id whenever its message is sent, never stored."""
    digest = hmac.new(link_secret.encode(), f"link:{link_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def new_session_token() -> str:
    """A new secret for a session's cookie: 256 random bits as text for a URL."""
    return secrets.token_urlsafe(_SESSION_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What the database keeps of a token. Plain SHA-256 is enough: a token has 256 bits that nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def key_hash(*parts: str) -> str:
    """A key for what must be counted but not kept as text, such as what somebody typed as an address."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
