"""3-D Secure: the question put to the card's holder, for payment and setup intents alike."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.documents import Document
from sandbox.stripe.call import Call
from sandbox.stripe.ids import new_id

PAGE = "/three_d_secure/"
"""Where the question is shown, below the sandbox's base for Stripe."""


def asked(call: Call, intent: Document, *, return_url: str | None, use_stripe_sdk: bool) -> Document:
    """A new question about the intent, as its `next_action`.

    With a `return_url` (and no script to handle it) the holder is sent to a page; else Stripe.js shows a dialog.
    Source: Stripe's API reference, `next_action`.
    """
    source = new_id("src")
    page = f"{call.base_url}{PAGE}{source}"
    call.documents.put(
        "three_d_secure",
        {
            "id": source,
            "intent": intent["id"],
            "kind": intent["object"],
            "return_url": return_url,
            "created": call.now,
        },
    )
    if return_url is not None and not use_stripe_sdk:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": source, "stripe_js": page},
    }


def is_open(intent: Document, source: str) -> bool:
    """Whether the intent still waits for the answer to this question."""
    action = intent.get("next_action")
    if intent["status"] != "requires_action" or action is None:
        return False
    if action["type"] == "redirect_to_url":
        return bool(action["redirect_to_url"]["url"].endswith(f"{PAGE}{source}"))
    return bool(action["use_stripe_sdk"]["source"] == source)


def way_back(return_url: str, intent: Document) -> str:
    """The return URL with what Stripe adds to it, so that the page can look the intent up."""
    name = intent["object"]
    failed = intent["status"] in ("requires_payment_method", "canceled")
    parts = urlsplit(return_url)
    added = urlencode(
        {
            name: intent["id"],
            f"{name}_client_secret": intent["client_secret"],
            "redirect_status": "failed" if failed else "succeeded",
        }
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
