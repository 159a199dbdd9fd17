"""The states of what billing owns."""

from typing import Literal

InvoiceState = Literal["draft", "sent", "void"]
VisitState = Literal["scheduled", "completed", "cancelled"]
