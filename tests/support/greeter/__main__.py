"""python -m tests.support.greeter [migrate]"""

from chassis import monkey

monkey.patch()

from chassis.runner import main  # noqa: E402 - after the patching
from tests.support.greeter.service import GreetingsService  # noqa: E402
from tests.support.greeter.settings import GreeterSettings  # noqa: E402

if __name__ == "__main__":
    main(GreetingsService, GreeterSettings, "tests.support.greeter.migrations")
