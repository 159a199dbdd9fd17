"""Names on the broker, fixed here so that no rename in code moves a queue: exchanges, queues, who hears what.

An event with at least one listener is published mandatory: the broker must route it to every queue named
here, and `porchlight migrate` declares them before the first publish.
"""

from contracts import billing, identity, payments
from contracts.wire import Event

OWNERS = ("identity", "billing", "balance", "payments", "notify")
"""Every service that answers RPC; those that emit events own the exchange `<owner>.events`."""

LISTENERS: dict[str, tuple[type[Event], ...]] = {
    "identity": (identity.LinkRequested,),
    "billing": (
        identity.BusinessClockSet,
        payments.PaymentSucceeded,
        payments.PaymentFailed,
        payments.PaymentCancelled,
        payments.MoneyReturned,
        payments.MoneyRestored,
    ),
    "balance": (
        identity.BusinessClockSet,
        billing.InvoiceSent,
        billing.InvoiceVoided,
        billing.PaymentAllocated,
        billing.CreditCreated,
        billing.CreditApplied,
        billing.AllocationsReversed,
        payments.PaymentSucceeded,
        payments.MoneyReturned,
        payments.MoneyRestored,
    ),
    "payments": (
        identity.BusinessClockSet,
        identity.ContactChanged,
        billing.InvoiceSent,
        billing.InvoiceVoided,
        billing.PaymentAllocated,
        billing.CreditApplied,
        billing.AllocationsReversed,
    ),
    "notify": (
        identity.BusinessClockSet,
        identity.ContactChanged,
        identity.LinkIssued,
        identity.EmailChangeRequested,
        identity.EmailChanged,
        identity.PasswordChanged,
        billing.InvoiceSent,
        billing.InvoiceVoided,
        # A receipt says what was paid with the money: the two facts of one payment, in either order.
        payments.PaymentSucceeded,
        billing.PaymentAllocated,
        payments.AutoPayEnrolled,
        payments.AutoPayEnded,
        payments.AutoPayPaused,
        payments.AutoPayChargeUpcoming,
        payments.AutoPayChargeSkipped,
        payments.AutoPayChargeFailed,
        payments.AutoPayCardExpiring,
        billing.VisitChanged,
    ),
}
"""The events that each listening service takes from its one queue."""


def exchange_of(owner: str) -> str:
    """The topic exchange on which `owner` publishes its events; the routing key is the fact."""
    return f"{owner}.events"


def inbox_queue_of(listener: str) -> str:
    """The one queue from which the service `listener` takes all its events."""
    return f"{listener}.inbox"


def dead_letter_queue_of(listener: str) -> str:
    """Where the broker puts a message that the listener could not even read, or that kept killing it."""
    return f"{listener}.dead"
