"""python -m services.payments [migrate]"""

from chassis import monkey

monkey.patch()

from chassis.runner import main  # noqa: E402 - after the patching
from services.payments.service import PaymentsService  # noqa: E402
from services.payments.settings import PaymentsSettings  # noqa: E402

if __name__ == "__main__":
    main(PaymentsService, PaymentsSettings, "services.payments.migrations")
