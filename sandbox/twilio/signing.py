"""Twilio's request signature. Source: Twilio's documentation, "Validating requests are coming from Twilio"."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import parse_qsl


def signature(auth_token: str, url: str, params: list[tuple[str, str]]) -> str:
    """HMAC-SHA1 over the URL and the form's fields in order of name."""
    signed = url + "".join(name + value for name, value in sorted(params))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def signer(auth_token: str) -> Callable[[str, str], dict[str, str]]:
    """Makes the headers of a webhook (url, form body)."""

    def sign(url: str, body: str) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(auth_token, url, parse_qsl(body, keep_blank_values=True)),
        }

    return sign
