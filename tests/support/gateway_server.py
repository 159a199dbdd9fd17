"""The gateway's pages over a back end in memory, served on a free port of loopback by a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server

from gateway.app import create_app
from gateway.rpc import Backend
from tests.support.gateway import gateway_settings


@contextmanager
def serving(backend: Backend, **settings: Any) -> Iterator[str]:
    """Serve the pages while the block runs; yields the portal's address."""
    server = make_server("127.0.0.1", 0, lambda environ, respond: app(environ, respond), threaded=True)
    portal_url = f"http://127.0.0.1:{server.server_port}"
    app = create_app(gateway_settings(portal_url=portal_url, **settings), backend)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield portal_url
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()
