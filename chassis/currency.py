"""One currency a deployment: a service does not start over amounts in another one than its settings name."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from chassis import database
from chassis.hosting import CannotStart


def one_currency(column: Any) -> Callable[[Any], None]:
    """Return a check for `Operable.start_checks`: the settings' currency is that of the table's `column`.

    One row speaks for all of them, because every start before has looked as well. The check raises CannotStart.
    """

    def check(settings: Any) -> None:
        own = database.shared(settings.database_url)
        with own.read() as session:
            held = session.scalar(select(column).limit(1))
        if held not in (None, settings.currency):
            raise CannotStart(
                f"PORCHLIGHT_CURRENCY is {settings.currency}, but the database {own.address} holds amounts in {held}; "
                "there is one currency a deployment"
            )

    return check
