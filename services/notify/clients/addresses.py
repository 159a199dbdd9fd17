"""From a setting like smtp://user:password@host:587 to the mail server that it means."""

from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from services.notify.clients.mail import Mail
from services.notify.clients.mailbox import MailboxMail
from services.notify.clients.smtp import SmtpMail

_FORMS = "smtp://user:password@host:587, smtps://user:password@host:465 or mailbox+http://host:port/path"


def mail_at(url: str) -> Mail:
    """The mail server that `url` names. Raises ValueError with a reason that repeats no password.

    `smtp://…?tls=never` is for a server on this machine that knows no TLS.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"must be {_FORMS}") from None
    if not parts.hostname:
        raise ValueError(f"must be {_FORMS}")
    if parts.scheme == "smtp":
        return _smtp(parts, port or 587, tls=_tls_of(parts))
    if parts.scheme == "smtps":
        return _smtp(parts, port or 465, tls="always")
    if parts.scheme in ("mailbox+http", "mailbox+https"):
        is_https = parts.scheme.endswith("https")
        return MailboxMail(
            host=parts.hostname, port=port or (443 if is_https else 80), path=parts.path or "/", is_https=is_https
        )
    raise ValueError(f"must be {_FORMS}")


def _smtp(parts: SplitResult, port: int, *, tls: str) -> Mail:
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if password and tls == "never":
        raise ValueError("would send its password in the clear: leave out tls=never")
    return SmtpMail(host=parts.hostname or "", port=port, tls=tls, username=username, password=password)


def _tls_of(parts: SplitResult) -> str:
    (tls,) = parse_qs(parts.query).get("tls", ["start"])[:1]
    if tls not in ("start", "never"):
        raise ValueError("knows tls=start and tls=never only")
    return tls
