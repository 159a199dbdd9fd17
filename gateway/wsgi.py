"""The application for a WSGI server, made from the environment: `gunicorn --config gateway/gunicorn.conf.py`."""

from chassis import logs
from chassis.settings import load
from gateway.app import create_app
from gateway.settings import GatewaySettings

_settings = load(GatewaySettings)
logs.configure(level=_settings.log_level, log_format=_settings.log_format, service="gateway")

application = create_app(_settings)
