"""Customers by the business's own references, for rows that name one."""

from collections.abc import Iterable

from contracts.identity import FindCustomers
from porchlight.connection import CALL_TIMEOUT_S, Caller


def customer_ids_of(caller: Caller, references: Iterable[str]) -> dict[str, str]:
    """The id of each customer that is known, by reference."""
    command = FindCustomers(references=sorted(set(references)))
    found = caller.call(command, timeout_s=CALL_TIMEOUT_S)
    return {customer.reference: customer.customer_id for customer in found}
