"""python -m services.billing [migrate]"""

from chassis import monkey

monkey.patch()

from chassis.runner import main  # noqa: E402 - after the patching
from services.billing.service import BillingService  # noqa: E402
from services.billing.settings import BillingSettings  # noqa: E402

if __name__ == "__main__":
    main(BillingService, BillingSettings, "services.billing.migrations")
