"""What every message on the wire has in common: the base types, the envelope and refusals.

A `Command` is the request of an RPC (`<service>.<method>`), an `Event` a fact (`<owner>.<fact>`). Both take
their names from the module and the class that define them: `contracts.billing.SendInvoice` is the method
`send_invoice` of the service `billing`; `contracts.billing.InvoiceSent` is the event `billing.invoice_sent`.

On the wire everything is plain JSON: amounts are integers in minor units, dates are ISO 8601 (`2026-03-01`),
instants are ISO 8601 in UTC (`2026-03-01T09:00:00Z`), times of day are those of the business's wall (`09:00:00`), ids
are strings.
"""

import re
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, get_args

import msgspec

Answer = TypeVar("Answer")


class MessageType(msgspec.StructMeta):
    """Makes every class below frozen with keyword-only fields; msgspec does not inherit `kw_only`."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> type:
        options.setdefault("frozen", True)
        options.setdefault("kw_only", True)
        return super().__new__(mcs, name, bases, namespace, **options)


class Message(msgspec.Struct, metaclass=MessageType):
    """Anything that travels."""


class View(Message):
    """Part of an answer or of an event: data without behaviour."""


class Command(Message, Generic[Answer]):
    """The request of one RPC, answered by `Answer`.

    A subclass is written `class SendInvoice(Command[InvoiceView])`; `service`, `method` and `answer_type`
    follow from that. Its fields travel as the keyword arguments of a nameko RPC call, so that any nameko
    client can make it.
    """

    service: ClassVar[str]
    method: ClassVar[str]
    answer_type: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.service = _owner(cls.__module__)
        cls.method = snake_case(cls.__name__)
        cls.answer_type = _type_argument(cls)


class Event(Message):
    """A fact that its owner has committed, with all that its listeners need to act without calling back.

    `event_name` is `<owner>.<fact>`. Subclasses of another event are not allowed: one class, one name.
    """

    owner: ClassVar[str]
    fact: ClassVar[str]
    event_name: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.owner = _owner(cls.__module__)
        cls.fact = snake_case(cls.__name__)
        cls.event_name = f"{cls.owner}.{cls.fact}"


class Envelope(Message):
    """What travels around every event's payload.

    `event_id` is a UUIDv7 made when the event was recorded; listeners take an id once. `ordering_key` is the
    account the event belongs to: a batch is sorted by it before it is handled. `aggregate_version` grows with
    each event of one aggregate; state is replaced only by a higher one.
    """

    event_id: str
    name: str
    schema_version: int
    occurred_at: datetime
    aggregate_id: str
    aggregate_version: int
    ordering_key: str
    correlation_id: str
    payload: dict[str, Any]


class Refused(Exception):
    """A request that was understood and turned down, with a sentence that a customer may read.

    `code` is one of the constants of `contracts.codes`; `details` are JSON values for programs (for example
    the field that was wrong). It crosses the wire whole.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


def snake_case(class_name: str) -> str:
    """The wire's name for a class: `InvoiceSent` is `invoice_sent`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


def _owner(module: str) -> str:
    """The owner of what a module defines: its name, or that of its folder where the contracts of one fill a folder."""
    names = module.split(".")
    return names[1] if names[0] == "contracts" else names[-1]


def _type_argument(cls: type) -> Any:
    for base in getattr(cls, "__orig_bases__", ()):
        if arguments := get_args(base):
            return arguments[0]
    return None
