"""A browser without scripts: pages, links and forms by what a person reads on them."""

from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

TIMEOUT_S = 30.0


class WalkFailed(Exception):
    """Something on the way was not as it must be. The message says what was looked for and what was there."""


class Browser:
    """One visitor with cookies. Every page that answers with an error is a failure unless asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.page = BeautifulSoup("", "html.parser")
        self.url = address
        self._session = requests.Session()

    @property
    def text(self) -> str:
        """The page's words, white space folded."""
        return " ".join(self.page.get_text(" ").split())

    def open(self, path: str, *, status: int = 200) -> None:
        """Go to a path of the portal, or to a whole address of it."""
        self._take(self._session.get(urljoin(self.address, path), timeout=TIMEOUT_S), status)

    def follow(self, words: str) -> None:
        """Follow the first link whose text contains `words`."""
        for link in self.page.find_all("a", href=True):
            if words in " ".join(link.get_text(" ").split()):
                self._take(self._session.get(urljoin(self.url, str(link["href"])), timeout=TIMEOUT_S), 200)
                return
        raise WalkFailed(f"{self.url} has no link {words!r}; it says: {self.text[:400]}")

    def submit(self, button: str, *, status: int = 200, **values: str) -> dict[str, Any]:
        """Fill in the form that has this button, as its inputs are named, and press it. Returns what was sent."""
        form = self._form_with(button)
        fields = _fields(form) | values
        self.post(str(form.get("action") or self.url), fields, status=status)
        return fields

    def post(self, path: str, fields: dict[str, Any], *, status: int = 200) -> None:
        """Send a form's fields to a path, from the page that is open."""
        target = urljoin(self.url, path)
        self._take(self._session.post(target, data=fields, headers={"Referer": self.url}, timeout=TIMEOUT_S), status)

    def expect(self, *words: str) -> None:
        """Fail unless the page says all of these."""
        for each in words:
            if each not in self.text:
                raise WalkFailed(f"{self.url} does not say {each!r}; it says: {self.text[:600]}")

    def expect_not(self, *words: str) -> None:
        """Fail if the page says any of these."""
        for each in words:
            if each in self.text:
                raise WalkFailed(f"{self.url} says {each!r}, which must not be there")

    def attribute(self, name: str) -> str:
        """The value of the first attribute `name` on the page."""
        found = self.page.select_one(f"[{name}]")
        if found is None:
            raise WalkFailed(f"{self.url} has no {name}")
        return str(found[name])

    def _form_with(self, button: str) -> Tag:
        for form in self.page.find_all("form"):
            labels = [" ".join(each.get_text(" ").split()) for each in form.find_all("button")]
            labels += [str(each.get("value")) for each in form.find_all("input", type="submit")]
            if any(button in label for label in labels):
                return form
        raise WalkFailed(f"{self.url} has no form with a button {button!r}; it says: {self.text[:400]}")

    def _take(self, response: requests.Response, status: int) -> None:
        self.url = response.url
        self.page = BeautifulSoup(response.text, "html.parser")
        if response.status_code != status:
            raise WalkFailed(f"{self.url} answered {response.status_code}, not {status}: {self.text[:400]}")
        if not response.url.startswith(self.address):
            raise WalkFailed(f"the portal led away from itself, to {response.url}")


def _fields(form: Tag) -> dict[str, Any]:
    """What the form would send if nothing were typed."""
    fields: dict[str, Any] = {}
    for control in form.find_all("input"):
        name, kind = str(control.get("name") or ""), control.get("type")
        if not name or kind in ("submit", "button"):
            continue
        if kind in ("checkbox", "radio") and not control.has_attr("checked"):
            continue
        fields.setdefault(name, []).append(str(control.get("value") or ""))
    return fields
