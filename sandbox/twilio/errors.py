"""Errors in Twilio's shape. Source: Twilio's "Error and warning dictionary"."""

from typing import Any


class TwilioError(Exception):
    """An answer that is not a success."""

    def __init__(self, message: str, *, code: int, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }


def unauthenticated() -> TwilioError:
    """401: no credentials, or not those of the account."""
    return TwilioError("Authenticate", code=20003, status=401)


def not_found(path: str) -> TwilioError:
    """404: nothing is there."""
    return TwilioError(f"The requested resource {path} was not found", code=20404, status=404)
