"""U+0000, which PostgreSQL stores nowhere, is refused where requests are read."""

import pytest

from chassis import rpc_wire
from contracts.billing import GetInvoice
from contracts.wire import Refused


def body(invoice_id: str) -> bytes:
    return rpc_wire.encode_request(GetInvoice(customer_id="c", invoice_id=invoice_id))


def test_a_text_with_a_nul_is_refused():
    with pytest.raises(Refused) as refusal:
        rpc_wire.decode_request(body("a\0b"), GetInvoice)
    assert refusal.value.code == "invalid"


def test_a_text_that_only_spells_it_is_taken():
    command = rpc_wire.decode_request(body(r"a\u0000b"), GetInvoice)
    assert isinstance(command, GetInvoice)
    assert command.invoice_id == r"a\u0000b"
