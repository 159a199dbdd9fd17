"""Stripe, through its own library."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter

from services.payments.clients.provider import (
    Contact,
    ForgedWebhook,
    Intent,
    NewIntent,
    ProviderRefused,
    WebhookEvent,
)
from services.payments.clients.stripe_cards import StripeCards
from services.payments.clients.stripe_errors import error_body, translated
from services.payments.clients.stripe_library import stripe
from services.payments.clients.stripe_objects import intent_from
from services.payments.clients.stripe_returns import StripeReturns

CONNECTIONS = 20
"""Kept open to Stripe at a time, one a call in flight."""

SIGNATURE_AGE_S = 300
"""How old a webhook's signature may be: Stripe's own default."""

PAYMENT_ID_LENGTH = 36
LONGEST_ID = 255
"""Stripe's own bound ("Upgrades", on the length of ids); nothing longer can be stored."""
LONGEST_TYPE = 100
_LISTED = 100
_EXPAND = ["latest_charge"]

_Answer = TypeVar("_Answer")


class StripeProvider(StripeCards, StripeReturns):
    """A `PaymentProvider`. Safe to share between greenlets and threads; keeps its connections open.

    `timeout_s` bounds each attempt, `max_network_retries` the attempts after the first; Stripe sees the same
    idempotency key in all of them.
    """

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        api_base: str,
        timeout_s: float,
        max_network_retries: int,
    ) -> None:
        # Its messages for debugging hold whole answers, and with them what only a browser may have.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        session = requests.Session()
        # Looked up once: with each call it would cost as much as preparing the request.
        session.trust_env = False
        session.proxies.update(requests.utils.get_environ_proxies(api_base))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self._webhook_secret = webhook_secret
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")},
            # Under eventlet the library would open a connection a call without a session of ours.
            http_client=stripe.RequestsClient(timeout=timeout_s, session=session),
            max_network_retries=max_network_retries,
        )

    def create_customer(self, contact: Contact) -> str:
        """Make a Stripe customer and return its id.

        An e-mail address that Stripe does not take must not stop anybody from paying: it is left out.
        """
        key = f"customer-{contact.customer_id}-{contact.version}"
        parameters: dict[str, Any] = {"metadata": {"customer_id": contact.customer_id}, **_contact(contact)}
        try:
            return self._create_customer(parameters, key)
        except ProviderRefused as refusal:
            if "email" not in parameters or not _is_about_email(refusal):
                raise
            del parameters["email"]
            return self._create_customer(parameters, f"{key}-without-email")

    def update_customer(self, customer: str, contact: Contact) -> None:
        """Give the Stripe customer another name and e-mail address."""
        parameters: Any = _contact(contact)
        if not parameters:
            return
        try:
            self._call(lambda: self._stripe.v1.customers.update(customer, parameters))
        except ProviderRefused as refusal:
            if not _is_about_email(refusal) or "name" not in parameters:
                raise
            self._call(lambda: self._stripe.v1.customers.update(customer, {"name": parameters["name"]}))

    def create_intent(self, new: NewIntent) -> Intent:
        """Make an unconfirmed PaymentIntent under the payment's own id as idempotency key."""
        parameters: Any = {
            "amount": new.amount_minor,
            "currency": new.currency.lower(),
            "customer": new.customer,
            "payment_method": new.payment_method,
            # The one way that every version of the API takes; the method itself is a card, made in the browser.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "description": new.description,
            "metadata": {"payment_id": new.payment_id},
        }
        if new.save_card:
            parameters["setup_future_usage"] = "off_session"
        return self._intent("post", "", parameters, key=new.payment_id)

    def find_intent(self, payment_id: str, *, customer: str, since: datetime) -> Intent | None:
        """Look through the customer's PaymentIntents, newest first, for the one made for this payment."""
        parameters: Any = {"customer": customer, "created": {"gte": int(since.timestamp())}, "limit": _LISTED}
        found = self._call(
            lambda: next(
                (
                    intent
                    for intent in self._stripe.v1.payment_intents.list(parameters).auto_paging_iter()
                    if intent.to_dict()["metadata"].get("payment_id") == payment_id
                ),
                None,
            )
        )
        return None if found is None else self.retrieve_intent(found.id)

    def confirm_intent(self, intent_id: str, *, payment_id: str, off_session: bool) -> Intent:
        """Charge it. Stripe reports a decline as an error that carries the intent; here it is the intent."""
        try:
            # The script of a browser goes on with it, or there is none.
            who = {"off_session": True} if off_session else {"use_stripe_sdk": True}
            parameters = {**who, "expand": _EXPAND}
            return self._intent("post", f"/{quote(intent_id)}/confirm", parameters, key=f"{payment_id}-confirm")
        except ProviderRefused as refusal:
            declined = _intent_in(refusal.__cause__)
            if declined is None:
                raise
            return declined

    def retrieve_intent(self, intent_id: str) -> Intent:
        """Return the PaymentIntent as it stands."""
        return self._intent("get", f"/{quote(intent_id)}", {"expand": _EXPAND})

    def cancel_intent(self, intent_id: str) -> Intent:
        """Cancel the PaymentIntent; nobody can confirm it afterwards.

        Without a key of ours: cancelling twice does no harm, and Stripe would repeat a stored failure for a key.
        """
        return self._intent(
            "post", f"/{quote(intent_id)}/cancel", {"cancellation_reason": "abandoned", "expand": _EXPAND}
        )

    def verify_webhook(self, payload: str, signature: str) -> WebhookEvent:
        """Check the signature over the raw body and return what the event is about."""
        try:
            stripe.WebhookSignature.verify_header(payload, signature, self._webhook_secret, SIGNATURE_AGE_S)
            event = json.loads(payload)
            subject = event["data"]["object"]
            return WebhookEvent(
                event_id=_word(event["id"]),
                type=_word(event["type"], longest=LONGEST_TYPE),
                object_id=_word(subject.get("id") or ""),
                payment_id=_own_id((subject.get("metadata") or {}).get("payment_id")),
            )
        except stripe.SignatureVerificationError as error:
            raise ForgedWebhook("the signature does not fit the body, or is too old") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForgedWebhook("the body is not an event of Stripe") from error

    def _intent(self, method: str, path: str, parameters: dict[str, Any], *, key: str | None = None) -> Intent:
        """Ask about one PaymentIntent, and read the answer as it came.

        The library's objects are passed over: making them of an intent with its charge takes as long as the call.
        """
        options = {} if key is None else {"idempotency_key": key}
        answer = self._call(
            lambda: self._stripe.raw_request(method, f"/v1/payment_intents{path}", **parameters, **options)
        )
        return intent_from(answer.data)

    def _create_customer(self, parameters: Any, key: str) -> str:
        return str(self._call(lambda: self._stripe.v1.customers.create(parameters, {"idempotency_key": key})).id)

    @staticmethod
    def _call(request: Callable[[], _Answer]) -> _Answer:
        with translated():
            return request()


def _word(value: object, *, longest: int = LONGEST_ID) -> str:
    """A name from a webhook. Raises ValueError for what could not be stored: Stripe makes no such names."""
    word = str(value)
    if len(word) > longest or not word.isprintable():
        raise ValueError("not a name of Stripe's")
    return word


def _own_id(value: object) -> str | None:
    """A payment's id from metadata. Other programs on the same Stripe account write there too, whatever they like."""
    word = str(value)
    return word if len(word) == PAYMENT_ID_LENGTH and word.isprintable() else None


def _intent_in(error: BaseException | None) -> Intent | None:
    intent = error_body(error).get("payment_intent")
    return intent_from(intent) if isinstance(intent, dict) else None


def _contact(contact: Contact) -> dict[str, str]:
    values = {"name": contact.name, "email": contact.email}
    return {name: value for name, value in values.items() if value}


def _is_about_email(refusal: ProviderRefused) -> bool:
    return refusal.param == "email" or refusal.code == "email_invalid"
