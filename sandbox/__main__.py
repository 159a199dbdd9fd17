"""`python -m sandbox`: the sandbox on its own, under gunicorn, with the settings of the environment."""

import sys

from flask import Flask
from gunicorn.app.base import BaseApplication

from sandbox.app import create_app
from sandbox.settings import Settings, SettingsError

THREADS = 8
KEEPALIVE_S = 75
GRACE_S = 15


class Server(BaseApplication):
    """One process with threads: the sandbox keeps its locks in memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Tells gunicorn how to serve."""
        options = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEPALIVE_S,
            "graceful_timeout": GRACE_S,
            "worker_exit": lambda _arbiter, worker: worker.app.wsgi().extensions["sandbox"].close(),
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Made in the worker, so that its threads and its database connection are the worker's."""
        return create_app(self._settings)


def main() -> int:
    """Serves until told to stop; 2 when a setting cannot be used."""
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    Server(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
