"""Credits: money that the business owes a customer."""

from datetime import date
from typing import Literal

from contracts.imports import Origin
from contracts.wire import Command, View

CreditKind = Literal["goodwill", "overpayment", "voided_invoice"]


class CreditView(View):
    """Money the business owes the customer: `open_minor` of `amount_minor` is not used yet."""

    credit_id: str
    customer_id: str
    kind: CreditKind
    currency: str
    amount_minor: int
    open_minor: int
    granted_on: date
    reason: str = ""


class CreateCredit(Command[CreditView]):
    """Grant a goodwill credit. With auto-apply on it goes to the oldest due invoice at once."""

    key: str
    customer_id: str
    currency: str
    amount_minor: int
    reason: str
    granted_on: date | None = None
    origin: Origin = "portal"
