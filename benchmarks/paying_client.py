"""Customers who pay, a thread and a log-in each: card at the stand-in, form, charge, receipt. A process of its own.

python -m benchmarks.paying_client  < {"portal": "127.0.0.1:8000", "stripe": "127.0.0.1:8020", "key": "pk_…",
                                       "seconds": 8.0, "payers": [[{"cookie": …, "invoice": …}, …], …]}
"""

import base64
import html
import http.client
import itertools
import json
import re
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

TIMEOUT_S = 60.0
FORM = "application/x-www-form-urlencoded"
CARD = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": "12",
    "card[exp_year]": "2034",
    "card[cvc]": "314",
    "billing_details[address][postal_code]": "13902",
}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
STEPS = ("card", "form", "charge", "receipt")


@dataclass
class Payer:
    """Customers at one browser, one after the other; `took` holds the seconds of each payment's steps."""

    portal: str
    stripe: str
    key: str
    errands: list[dict[str, str]]
    took: list[tuple[float, ...]] = field(default_factory=list)
    failure: str = ""

    def pay_until(self, end_at: float) -> None:
        """Pay one invoice after the other, each with the cookie of its customer."""
        portal = http.client.HTTPConnection(self.portal, timeout=TIMEOUT_S)
        stripe = http.client.HTTPConnection(self.stripe, timeout=TIMEOUT_S)
        try:
            for errand in self.errands:
                if time.monotonic() >= end_at:
                    return
                self.took.append(self._pay(portal, stripe, **errand))
        except (RuntimeError, OSError, http.client.HTTPException) as error:
            self.failure = f"{type(error).__name__}: {error}"
        finally:
            portal.close()
            stripe.close()

    def _pay(
        self, portal: http.client.HTTPConnection, stripe: http.client.HTTPConnection, *, cookie: str, invoice: str
    ) -> tuple[float, ...]:
        moments = [time.monotonic()]
        login = base64.b64encode(f"{self.key}:".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": FORM}
        made, _ = _ask(stripe, "POST", "/stripe/v1/payment_methods", 200, headers, urlencode(CARD))
        moments.append(time.monotonic())
        page, _ = _ask(portal, "GET", f"/pay?invoice={invoice}", 200, {"Cookie": cookie})
        fields = [(name, html.unescape(value)) for name, value in _HIDDEN.findall(page)]
        fields = [(name, value) for name, value in fields if name != "payment_method"]
        fields += [("payment_method", json.loads(made)["id"]), ("card", "new")]
        moments.append(time.monotonic())
        headers = {"Cookie": cookie, "Content-Type": FORM, "Referer": f"http://{self.portal}/pay"}
        _, receipt = _ask(portal, "POST", "/pay", 303, headers, urlencode(fields))
        moments.append(time.monotonic())
        page, _ = _ask(portal, "GET", receipt, 200, {"Cookie": cookie})
        if "4242" not in page or "/receipts/" not in receipt:
            raise RuntimeError(f"{receipt} is no receipt: {page[:1000]}")
        moments.append(time.monotonic())
        return tuple(after - before for before, after in itertools.pairwise(moments))


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Let all pay at once; return counts, times on the monotonic clock, and medians in milliseconds by step."""
    where = {name: job[name] for name in ("portal", "stripe", "key")}
    payers = [Payer(**where, errands=errands) for errands in job["payers"]]
    started = time.monotonic()
    threads = [threading.Thread(target=payer.pay_until, args=(started + job["seconds"],)) for payer in payers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = time.monotonic()
    if failures := [payer.failure for payer in payers if payer.failure]:
        raise RuntimeError(failures[0])
    took = [times for payer in payers for times in payer.took]
    return {
        "payments": len(took),
        "started": started,
        "ended": ended,
        "p50_ms": statistics.median(sum(times) for times in took) * 1000,
        "steps": {step: statistics.median(times[place] for times in took) * 1000 for place, step in enumerate(STEPS)},
    }


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    status: int,
    headers: dict[str, str],
    body: str | None = None,
) -> tuple[str, str]:
    """The body, and where a redirect leads."""
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != status:
        raise RuntimeError(f"{method} {path} answered {answer.status}: {text[:1500]}")
    return text, answer.headers.get("Location", "")


if __name__ == "__main__":
    print(json.dumps(measure(json.load(sys.stdin))), flush=True)
