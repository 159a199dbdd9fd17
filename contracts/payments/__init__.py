"""payments: every payment there is, by card or recorded by hand, and the customer's cards."""

from contracts.payments.cards import (
    CardsView,
    CardView,
    ListCards,
)
from contracts.payments.events import (
    PaymentCancelled,
    PaymentFailed,
    PaymentSucceeded,
)
from contracts.payments.paying import (
    CancelPayment,
    ContinuePayment,
    Decline,
    GetPayment,
    ListPayments,
    PaidInvoice,
    PayInvoices,
    PaymentMethod,
    PaymentPage,
    PaymentState,
    PaymentView,
    RecordedPayment,
    RecordPayments,
)
from contracts.payments.watching import (
    ListNeedingStaff,
    ListSucceededPayments,
    NeedingStaffPage,
    PaymentNeedingStaff,
    ReceiveStripeWebhook,
    SucceededPayment,
    SucceededPaymentsPage,
    WebhookTaken,
)

__all__ = [
    "CancelPayment",
    "CardView",
    "CardsView",
    "ContinuePayment",
    "Decline",
    "GetPayment",
    "ListCards",
    "ListNeedingStaff",
    "ListPayments",
    "ListSucceededPayments",
    "NeedingStaffPage",
    "PaidInvoice",
    "PayInvoices",
    "PaymentCancelled",
    "PaymentFailed",
    "PaymentMethod",
    "PaymentNeedingStaff",
    "PaymentPage",
    "PaymentState",
    "PaymentSucceeded",
    "PaymentView",
    "ReceiveStripeWebhook",
    "RecordPayments",
    "RecordedPayment",
    "SucceededPayment",
    "SucceededPaymentsPage",
    "WebhookTaken",
]
