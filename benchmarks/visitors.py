"""A browser whose cookies can be handed on: the client that measures is another process."""

from porchlight.walk.browser import Browser


class Visitor(Browser):
    """One visitor of the portal."""

    @property
    def cookie(self) -> str:
        """The header `Cookie` as the browser would send it now."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)
