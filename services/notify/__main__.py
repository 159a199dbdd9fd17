"""python -m services.notify [migrate]"""

from chassis import monkey

monkey.patch()

from chassis.runner import main  # noqa: E402 - after the patching
from services.notify.service import NotifyService  # noqa: E402
from services.notify.settings import NotifySettings  # noqa: E402

if __name__ == "__main__":
    main(NotifyService, NotifySettings, "services.notify.migrations")
