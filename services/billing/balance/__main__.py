"""python -m services.billing.balance [migrate]"""

from chassis import monkey

monkey.patch()

from chassis.runner import main  # noqa: E402 - after the patching
from services.billing.balance.service import BalanceService  # noqa: E402
from services.billing.balance.settings import BalanceSettings  # noqa: E402

if __name__ == "__main__":
    main(BalanceService, BalanceSettings, "services.billing.balance.migrations")
