"""The business's own references of customers, for lists of what other services know by customer id."""

from collections.abc import Iterable

from contracts.identity import CustomerView, GetCustomer
from porchlight.connection import Caller

AT_ONCE = 50
TIMEOUT_S = 10.0
"""A worklist is shown without references rather than late: identity may be what is away this morning."""


def references_of(caller: Caller, customer_ids: Iterable[str | None]) -> dict[str, str]:
    """The reference of each customer; one that identity does not tell is left out."""
    wanted = sorted({customer_id for customer_id in customer_ids if customer_id is not None})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        commands = {
            customer_id: GetCustomer(customer_id=customer_id) for customer_id in wanted[start : start + AT_ONCE]
        }
        answers = caller.gather(commands, timeout_s=TIMEOUT_S)
        found |= {key: answer.reference for key, answer in answers.items() if isinstance(answer, CustomerView)}
    return found
