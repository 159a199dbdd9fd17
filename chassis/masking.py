"""Keeping secrets and people's e-mail addresses out of logs."""

import re
from collections.abc import MutableMapping
from typing import Any

import msgspec

from chassis.settings import Env, fields_of, password_in

MASK = "***"
_SHORTEST_KNOWN = 6
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@(?=[A-Za-z0-9-]+\.[A-Za-z])")
_PATTERNS = (
    # The password of a URL; Stripe's keys, client secrets and webhook secrets; Authorization headers.
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), rf"\1{MASK}@"),
    (re.compile(r"\b((?:sk|rk)_(?:test|live)_|whsec_)[A-Za-z0-9]+"), rf"\1{MASK}"),
    (re.compile(r"\b((?:pi|seti)_[A-Za-z0-9]+_secret_)[A-Za-z0-9]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b((?:password|passwd|secret|token)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)]+"), rf"\1{MASK}"),
)
_SECRET_NAME = re.compile(r"(?i)password|passwd|secret|token|authorization|cookie|api_key")

_known: set[str] = set()


def hide(*secrets: str) -> None:
    """Never let these very values appear in a log from now on."""
    _known.update(secret for secret in secrets if len(secret) >= _SHORTEST_KNOWN)


def hide_settings(settings: msgspec.Struct) -> None:
    """Hide every secret that `settings` holds, and the password of every URL in it."""
    for field, _, env in fields_of(type(settings)):
        value = getattr(settings, field.name)
        if isinstance(value, str):
            hide(*_secrets_in(value, env))


def masked(text: str) -> str:
    """Return `text` with secrets, and the part of e-mail addresses that names a person, replaced by `***`."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, MASK)
    if "@" in text or ":" in text or "_" in text or "=" in text or " " in text:
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
    return _EMAIL.sub(f"{MASK}@", text) if "@" in text else text


def mask_entry(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask a log entry, as a structlog processor."""
    for name, value in entry.items():
        if name.startswith("_"):
            continue
        if _SECRET_NAME.search(name):
            entry[name] = MASK
        else:
            entry[name] = _masked_value(value)
    return entry


def _masked_value(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {name: MASK if _SECRET_NAME.search(str(name)) else _masked_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_value(item) for item in value]
    return masked(str(value))


def _secrets_in(value: str, env: Env) -> list[str]:
    if env.secret:
        return [value]
    password = password_in(value) if "://" in value else None
    return [password] if password else []
