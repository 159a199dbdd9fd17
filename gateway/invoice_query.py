"""What the address of the list of invoices asks for: which ones, in which order, and which are ticked already."""

from dataclasses import dataclass

from flask import abort, request

from contracts.billing import InvoiceFilter, InvoiceSort, ListInvoices
from gateway.choice import MOST_CHOSEN

FILTERS: dict[str, tuple[str, InvoiceFilter]] = {
    "all": ("All", "all"),
    "open": ("Open", "open"),
    "past-due": ("Past due", "past_due"),
    "paid": ("Paid", "paid"),
}
"""What the address says: the tab's name and billing's filter."""

SORTS: dict[str, tuple[str, InvoiceSort]] = {
    "newest": ("Newest first", "newest"),
    "oldest": ("Oldest first", "oldest"),
    "due": ("Due date, earliest first", "due_first"),
    "due-last": ("Due date, latest first", "due_last"),
    "largest": ("Total, largest first", "largest"),
    "smallest": ("Total, smallest first", "smallest"),
    "most-open": ("Open amount, largest first", "most_open"),
    "least-open": ("Open amount, smallest first", "least_open"),
}
"""What the address says: the words for it and billing's order."""

LONGEST_SEARCH = 100
LONGEST_CURSOR = 512
_LONGEST_ID = 64


@dataclass(frozen=True)
class InvoiceQuery:
    """One page of the list as the address names it.

    `search` is as it was typed. `ticked` are invoices chosen on this page or others, at most 100; `too_many` were
    more.
    """

    show: str
    sort: str
    search: str
    after: str | None
    ticked: tuple[str, ...]
    too_many: bool

    @classmethod
    def of_request(cls) -> "InvoiceQuery":
        """What the request asks for; 404 for a tab, an order or a page that does not exist."""
        show, sort = request.args.get("show", "all"), request.args.get("sort", "newest")
        if show not in FILTERS or sort not in SORTS:
            abort(404)
        ticked = [each for each in dict.fromkeys(request.args.getlist("invoice")) if 0 < len(each) <= _LONGEST_ID]
        return cls(
            show=show,
            sort=sort,
            search=request.args.get("q", ""),
            after=cursor(),
            ticked=tuple(ticked[:MOST_CHOSEN]),
            too_many=len(ticked) > MOST_CHOSEN,
        )

    @property
    def words(self) -> str:
        """What is searched for, without what nobody can see."""
        return " ".join("".join(sign if sign.isprintable() else " " for sign in self.search).split())

    @property
    def problem(self) -> str:
        """Why this cannot be searched for; empty when it can."""
        return f"Search for at most {LONGEST_SEARCH} characters." if len(self.words) > LONGEST_SEARCH else ""

    def command(self, customer_id: str, limit: int) -> ListInvoices:
        """The question to billing."""
        return ListInvoices(
            customer_id=customer_id,
            filter=FILTERS[self.show][1],
            sort=SORTS[self.sort][1],
            search=self.words,
            cursor=self.after,
            limit=limit,
        )

    def address(self, **changes: str | None) -> dict[str, object]:
        """The parts of an address of the same list, without what goes without saying; `changes` replace some."""
        parts: dict[str, object] = {"show": self.show, "sort": self.sort, "q": self.words, "invoice": self.ticked}
        parts |= changes
        return {name: value for name, value in parts.items() if value and (name, value) not in _UNSAID}


_UNSAID = {("show", "all"), ("sort", "newest")}


def cursor() -> str | None:
    """Where the page starts, from the address; None for the first one."""
    text = request.args.get("after")
    if text and len(text) > LONGEST_CURSOR:
        abort(404)
    return text or None
