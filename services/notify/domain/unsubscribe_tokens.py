"""The secret of an unsubscribe link: whose e-mails of which kind, signed. It never ends: an old e-mail's link works."""

from typing import get_args

from itsdangerous import BadData, URLSafeSerializer

from contracts.notify import EmailChoice

_SALT = "porchlight.unsubscribe"
_LONGEST = 500
_CHOICES = frozenset(get_args(EmailChoice))


class UnsubscribeTokens:
    """Writes and reads them with one secret."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt=_SALT)

    def write(self, customer_id: str, kind: EmailChoice) -> str:
        """The token for a customer's e-mails of a kind; always the same one."""
        return str(self._serializer.dumps([customer_id, kind]))

    def read(self, token: str) -> tuple[str, EmailChoice] | None:
        """Customer and kind; None for what was not written here."""
        if len(token) > _LONGEST:
            return None
        try:
            customer_id, kind = self._serializer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return (customer_id, kind) if kind in _CHOICES else None
