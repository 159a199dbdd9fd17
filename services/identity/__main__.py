"""python -m services.identity [migrate]"""

from chassis import monkey

monkey.patch()

from chassis.runner import main  # noqa: E402 - after the patching
from services.identity.service import IdentityService  # noqa: E402
from services.identity.settings import IdentitySettings  # noqa: E402

if __name__ == "__main__":
    main(IdentityService, IdentitySettings, "services.identity.migrations")
