"""A browser that takes any answer: whatever its status, and whether it comes at all.

For storms and attacks. `porchlight.walk.browser` is the one for a way through on which every answer must be right.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from bs4 import BeautifulSoup

from tests.support.waiting import eventually

TIMEOUT_S = 45.0
"""Longer than the gateway waits for a payment."""

Verdict = Literal["paid", "nothing", "open"]
"""What a page says of a payment: received, surely not charged, or neither."""

_NOTHING = re.compile(
    r"[Nn]othing was (changed and nothing was )?charged(?! a second time)|charged nothing|was not made"
)


@dataclass(frozen=True)
class Page:
    """An answer as a person reads it."""

    url: str
    status: int
    html: BeautifulSoup

    @property
    def text(self) -> str:
        return " ".join(self.html.get_text(" ").split())

    @property
    def payment_id(self) -> str | None:
        """The payment that the page is about."""
        parts = urlsplit(self.url)
        found = re.match(r"/(?:receipts|pay)/([0-9a-f-]{36})", parts.path)
        return found.group(1) if found else parse_qs(parts.query).get("declined", [None])[0]

    @property
    def verdict(self) -> Verdict:
        """What it says of the payment. A page that could not be shown says nothing."""
        title = self.html.title.get_text() if self.html.title else ""
        if self.status == 200 and title.startswith("Receipt"):
            return "paid"
        return "nothing" if _NOTHING.search(self.text) else "open"

    def fields_of(self, marker: str) -> dict[str, list[str]] | None:
        """What the form with a control or attribute `marker` (a CSS selector) would send; None without such a form."""
        control = self.html.select_one(marker)
        form = control.find_parent("form") if control is not None and control.name != "form" else control
        if form is None:
            return None
        fields: dict[str, list[str]] = {}
        for each in form.find_all("input"):
            chosen = each.get("type") not in ("checkbox", "radio") or each.has_attr("checked")
            if each.get("name") and chosen:
                fields.setdefault(str(each["name"]), []).append(str(each.get("value") or ""))
        return fields


class Tab:
    """A tab with its own cookies."""

    def __init__(self, portal_url: str) -> None:
        self.portal_url = portal_url
        self.session = requests.Session()

    def answer(self, path: str, fields: Any = None) -> Page:
        """The answer to an address, or to a form sent there; asked again while a machine that is busy has none."""

        def asked() -> Page | None:
            page = self.open(path) if fields is None else self.post(path, fields)
            return page if page is not None and page.status != 503 else None

        page = eventually(asked, timeout_s=60)
        assert page is not None
        return page

    def open(self, path: str) -> Page | None:
        """Go to a path; None when no answer came."""
        return self._ask("GET", path)

    def post(self, path: str, fields: Any) -> Page | None:
        """Send a form, or a body as it is, and follow where it leads; None when no answer came."""
        headers = {"Referer": f"{self.portal_url}/pay"}
        if isinstance(fields, bytes):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._ask("POST", path, data=fields, headers=headers)

    def log_in(self, email: str, password: str) -> None:
        """Log in as a customer does. Fails the test when the portal does not let him in."""
        fields = self.answer("/login").fields_of("input[name=password]")
        assert fields is not None
        answer = self.answer("/login", fields | {"email": [email], "password": [password]})
        assert answer.html.select_one("form[action='/logout']") is not None, answer.text

    def twin(self) -> "Tab":
        """Another tab with the same cookies: requests in one `Session` from two threads would mix them up."""
        other = Tab(self.portal_url)
        other.session.cookies.update(self.session.cookies)
        return other

    def _ask(self, method: str, path: str, **options: Any) -> Page | None:
        try:
            answer = self.session.request(method, urljoin(self.portal_url, path), timeout=TIMEOUT_S, **options)
        except requests.RequestException:
            return None
        return Page(answer.url, answer.status_code, BeautifulSoup(answer.text, "html.parser"))
