"""identity: customers and how to reach them, log-ins, one-time links, sessions, and the business's clock."""

from contracts.identity.answers import (
    Done,
)
from contracts.identity.clock import (
    ClockMode,
    ClockView,
    GetBusinessClock,
    SetBusinessClock,
)
from contracts.identity.customers import (
    CustomerPage,
    CustomerRow,
    CustomerView,
    FindCustomers,
    GetCustomer,
    ImportCustomers,
    ListCustomers,
)
from contracts.identity.events import (
    BusinessClockSet,
    ContactChanged,
    LinkIssued,
    LinkRequested,
)
from contracts.identity.links import (
    InspectLink,
    LinkPurpose,
    LinkToken,
    LinkView,
    ReadLinkToken,
    RequestLink,
    SetPassword,
)
from contracts.identity.sessions import (
    AccountChoice,
    CheckSession,
    LogIn,
    LogOut,
    SessionOpened,
    SessionView,
    SwitchAccount,
)

__all__ = [
    "AccountChoice",
    "BusinessClockSet",
    "CheckSession",
    "ClockMode",
    "ClockView",
    "ContactChanged",
    "CustomerPage",
    "CustomerRow",
    "CustomerView",
    "Done",
    "FindCustomers",
    "GetBusinessClock",
    "GetCustomer",
    "ImportCustomers",
    "InspectLink",
    "LinkIssued",
    "LinkPurpose",
    "LinkRequested",
    "LinkToken",
    "LinkView",
    "ListCustomers",
    "LogIn",
    "LogOut",
    "ReadLinkToken",
    "RequestLink",
    "SessionOpened",
    "SessionView",
    "SetBusinessClock",
    "SetPassword",
    "SwitchAccount",
]
