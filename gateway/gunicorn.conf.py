# ruff: noqa: N999 - the name is gunicorn's own
"""gunicorn's settings: processes with threads; one RPC client a process, made after the fork."""

from chassis.settings import load
from gateway.rpc import PAY_TIMEOUT_S
from gateway.settings import ServerSettings

_server = load(ServerSettings)

wsgi_app = "gateway.wsgi:application"
bind = _server.bind
worker_class = "gthread"
workers = _server.workers
threads = _server.threads
preload_app = False
# Longer than the longest call: a payment that has begun is waited for, not cut off.
graceful_timeout = int(PAY_TIMEOUT_S) + 10
timeout = int(PAY_TIMEOUT_S) + 35
keepalive = 15
backlog = 256
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
# The application writes a structured line a request itself, without query strings.
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
