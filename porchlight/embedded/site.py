"""An application served on a port of this machine, from among the other greenlets of the process."""

import contextlib
import logging
from typing import Any

import eventlet
import eventlet.wsgi
from eventlet.support.greenlets import GreenletExit

log = logging.getLogger(__name__)

BACKLOG = 128
MOST_REQUESTS = 100
READ_TIMEOUT_S = 60


class Site:
    """Listens from the start, so that its address is known before anything is served."""

    def __init__(self, port: int) -> None:
        """`port` on loopback; where it is taken, any free one."""
        self._listening = _listen(port)
        self._server: Any = None
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def serve(self, app: Any) -> None:
        """Answer requests with a WSGI application."""
        self._server = eventlet.spawn(
            eventlet.wsgi.server,
            self._listening,
            app,
            log=log,
            log_output=False,
            max_size=MOST_REQUESTS,
            socket_timeout=READ_TIMEOUT_S,
            debug=False,
        )

    def stop(self, grace_s: float) -> None:
        """Take no more requests, and wait for those under way, for so many seconds at most."""
        if self._server is not None:
            # It leaves its loop, closes what is idle, and ends with the last request.
            self._server.kill()
        self._listening.close()
        if self._server is not None:
            with contextlib.suppress(GreenletExit), eventlet.Timeout(grace_s, False):
                self._server.wait()


def _listen(port: int) -> Any:
    try:
        # Not shared with whoever has the port already, as eventlet would have it: each would get half the visitors.
        return eventlet.listen(("127.0.0.1", port), backlog=BACKLOG, reuse_port=False)
    except OSError:
        if port == 0:
            raise
        return eventlet.listen(("127.0.0.1", 0), backlog=BACKLOG, reuse_port=False)
