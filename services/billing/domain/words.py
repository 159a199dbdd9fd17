"""What an invoice can be found by, and what somebody who searches means: words without case or accents, and amounts.

Pure. An invoice's words are kept from the moment it is sent: nothing of what they are made of changes after that.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from babel.numbers import get_currency_precision

from contracts import codes
from contracts.billing import InvoiceLine
from contracts.wire import Refused
from services.billing.domain.invoice import Invoice
from services.billing.domain.limits import LARGEST_AMOUNT_MINOR

LONGEST_SEARCH = 100
LONGEST_WORD = 40
MOST_WORDS = 300
"""Words kept of one invoice: the number and the description come first, the memo last."""

_WORD = re.compile(r"[^\W_]+")
# Groups of thousands, or digits in a row; then a fraction of one or two digits, so that "1,234" is no fraction.
_AMOUNT = re.compile(r"(\d{1,3}(?:[.,'’]\d{3})+|\d+)(?:[.,](\d{1,2}))?")


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing that is looked for: an invoice that holds all `words`, or whose amount it is in minor units."""

    words: tuple[str, ...]
    amount_minor: int | None


def words_of(text: str) -> Iterator[str]:
    """The words of a text, in its order: lower case, without accents, cut where they are absurdly long."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return (word[:LONGEST_WORD] for word in _WORD.findall(plain))


def words_of_invoice(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[str]:
    """What an invoice is found by, each once: its number, with and without leading zeros, and its texts."""
    return list(islice(dict.fromkeys(_all_words(invoice, lines)), MOST_WORDS))


def terms_of(search: str, *, currency: str) -> list[Term]:
    """What somebody who typed `search` looks for, all of it. None of it can be found where the list is empty."""
    if len(search) > LONGEST_SEARCH:
        raise Refused(codes.INVALID, f"Search for at most {LONGEST_SEARCH} characters.", field="search")
    terms = (
        Term(words=tuple(words_of(part)), amount_minor=amount_in(part, currency=currency)) for part in search.split()
    )
    return [term for term in terms if term.words]


def amount_in(text: str, *, currency: str) -> int | None:
    """The amount that a text is, in minor units, as people type it: "$1,234.50", "84.5", "84,50 USD", "1042"."""
    bare = text.upper().removeprefix(currency).removesuffix(currency)
    bare = "".join(sign for sign in bare if unicodedata.category(sign) != "Sc").strip("-−+ ")
    found = _AMOUNT.fullmatch(bare)
    precision = get_currency_precision(currency)
    if found is None or len(found[2] or "") > precision:
        return None
    whole, fraction = re.sub(r"\D", "", found[1]), (found[2] or "").ljust(precision, "0")
    amount_minor = int(whole + fraction)
    return amount_minor if 0 < amount_minor <= LARGEST_AMOUNT_MINOR else None


def _all_words(invoice: Invoice, lines: Iterable[InvoiceLine]) -> Iterator[str]:
    for word in words_of(invoice.number):
        yield word
        if bare := word.lstrip("0"):
            yield bare
    yield from words_of(invoice.description)
    for line in lines:
        yield from words_of(line.description)
    yield from words_of(invoice.memo)
