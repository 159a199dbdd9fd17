"""The application for a WSGI server, made from the environment: `gunicorn --config gateway/gunicorn.conf.py`."""

from gateway.app import create_app

application = create_app()
