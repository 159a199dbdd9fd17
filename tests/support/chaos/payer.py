"""A customer who pays from several tabs at once, presses twice, goes away half-way, and remembers what was said."""

import contextlib
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from tests.support.chaos.bank import Bank
from tests.support.chaos.diary import Diary
from tests.support.tab import Page, Tab, Verdict

STEPS_MAX = 5
_PAY_FORM = "form[data-pay-form]"
_SAME_AGAIN = "input[name=again]"


@dataclass
class Said:
    """What the portal said, in the order of the presses: of each form's key, and of each payment.

    `missing` are pages that it led to and that were not there.
    """

    of_key: dict[str, tuple[int, Verdict]] = field(default_factory=dict)
    of_payment: dict[str, set[Verdict]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str | None, number: int, page: Page | None) -> None:
        """Keep what the last press with a key led to; an answer that never came leaves it open."""
        verdict: Verdict = page.verdict if page is not None else "open"
        with self._lock:
            if key is not None and number >= self.of_key.get(key, (0, "open"))[0]:
                self.of_key[key] = (number, verdict)
            if page is not None and page.status == 404:
                self.missing.add(page.url)
            if page is not None and page.payment_id is not None:
                self.of_payment.setdefault(page.payment_id, set()).add(verdict)


class Payer:
    """One tab of a customer, and its chance. `owe` has the business send one more invoice when all is paid."""

    def __init__(
        self,
        *,
        name: str,
        tab: Tab,
        bank: Bank,
        diary: Diary,
        said: Said,
        chance: random.Random,
        owe: Callable[[], None],
    ) -> None:
        self.name = name
        self._tab = tab
        self._bank = bank
        self._diary = diary
        self._said = said
        self._chance = chance
        self._owe = owe

    def pay_until(self, over: threading.Event) -> None:
        """Pay, and pay again."""
        while not over.is_set():
            if not self.pay():
                # The portal is away, or there was nothing to pay: a person would look again a moment later.
                over.wait(0.2)

    def pay(self) -> bool:
        """Open the form, pay once, and see it through, or not; False when there was no form."""
        page = self._tab.open(self._address())
        fields = page.fields_of(_PAY_FORM) if page is not None else None
        if page is None or fields is None:
            if page is not None and "Nothing to pay" in page.text:
                self._owe()
            return False
        try:
            what = self._fill_in(fields, page)
        except requests.ConnectionError:
            # No card without the bank.
            return False
        key = fields["key"][0]
        twice = self._chance.random() < 0.3
        self._diary.note(f"{self.name} pays {what}{' with a double click' if twice else ''}, key {key[-6:]}")
        answer = self._press_twice(key, fields) if twice else self._press(self._tab, key, fields)
        if answer is None and self._chance.random() < 0.6:
            # The browser has no page to show; the person reloads, and the form goes once more.
            answer = self._press(self._tab, key, fields)
        self._see_through(key, answer)
        return True

    def _address(self) -> str:
        page = self._tab.open("/invoices?show=open")
        links = page.html.select("a[href^='/invoices/']") if page is not None else []
        ids = sorted({str(link["href"]).rpartition("/")[2] for link in links} - {""})
        if not ids or self._chance.random() < 0.2:
            return "/pay"
        chosen = self._chance.sample(ids[:6], k=min(len(ids), self._chance.randint(1, 3)))
        return "/pay?" + "&".join(f"invoice={each}" for each in chosen)

    def _fill_in(self, fields: dict[str, list[str]], page: Page) -> str:
        saved = [str(each["value"]) for each in page.html.select("input[name=card]:not([disabled])")]
        saved = [each for each in saved if each != "new"]
        if saved and self._chance.random() < 0.3:
            fields["card"] = [self._chance.choice(saved)]
            kind = "saved card"
        else:
            kind = self._chance.choices(["good", "declined", "asks"], [6, 2, 2])[0]
            fields["card"], fields["payment_method"] = ["new"], [self._bank.card(kind)]
            if self._chance.random() < 0.3:
                fields["save_card"] = ["1"]
        amount = int(fields["amount_minor"][0])
        if self._chance.random() < 0.1:
            # Not what the button says: refused, but for the one chance that it is.
            amount = self._chance.randint(1, amount + 100)
            fields["amount_minor"] = [str(amount)]
        return f"{amount} by {kind}"

    def _press(self, tab: Tab, key: str, fields: dict[str, list[str]]) -> Page | None:
        number = self._diary.press()
        page = tab.post("/pay", fields)
        self._said.note(key, number, page)
        said = f"{page.status} {page.verdict} {page.url}" if page is not None else "no answer"
        self._diary.note(f"{self.name} is told, key {key[-6:]}: {said}")
        return page

    def _press_twice(self, key: str, fields: dict[str, list[str]]) -> Page | None:
        other = threading.Thread(target=self._press, args=(self._tab.twin(), key, fields))
        other.start()
        page = self._press(self._tab, key, fields)
        other.join()
        return page

    def _see_through(self, key: str, page: Page | None) -> None:
        for _ in range(STEPS_MAX):
            if page is None or self._chance.random() < 0.1:
                return
            again = page.fields_of(_SAME_AGAIN)
            if again is not None:
                page = self._press(self._tab, key, again)
            elif page.html.select_one("[data-confirm]") is not None:
                page = self._answer_bank(page)
                self._said.note(None, 0, page)
            else:
                return

    def _answer_bank(self, page: Page) -> Page | None:
        box = page.html.select_one("[data-confirm]")
        secret = str(box["data-secret"]) if box is not None else ""
        token = page.fields_of("form[data-confirm-done]") or {}
        choice = self._chance.choices(["complete", "fail", "cancel", "leave"], [6, 2, 2, 2])[0]
        self._diary.note(f"{self.name} at the bank: {choice}")
        if choice == "leave":
            return None
        if choice in ("complete", "fail") and secret:
            with contextlib.suppress(requests.ConnectionError):
                self._bank.answer_question(secret, completed=choice == "complete")
        step = "cancel" if choice == "cancel" else "continue"
        return self._tab.post(f"/pay/{page.payment_id}/{step}", token)
