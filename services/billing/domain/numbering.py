"""How the sequence of invoice numbers looks."""

FIRST = 1
_DIGITS = 6
_PREFIX = "INV-"


def format_number(position: int) -> str:
    """Return the invoice number at a position of the sequence: `INV-000001` is the first."""
    return f"{_PREFIX}{position:0{_DIGITS}d}"
