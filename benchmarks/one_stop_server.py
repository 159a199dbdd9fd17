"""python -m benchmarks.one_stop_server: the service of `benchmarks.one_stop` as a process, as services run."""

from chassis import monkey

monkey.patch()

import os  # noqa: E402 - after the patching

from benchmarks.one_stop import Methods, OneStopService  # noqa: E402
from chassis.container import Container  # noqa: E402
from chassis.settings import ServiceSettings, load  # noqa: E402


def main() -> None:
    """Answer until killed."""
    settings = load(ServiceSettings)
    OneStopService.methods = Methods(os.environ)
    container = Container(OneStopService, {"AMQP_URI": settings.broker_url, "max_workers": settings.max_workers})
    container.start()
    print("ready", flush=True)
    container.wait()


if __name__ == "__main__":
    main()
