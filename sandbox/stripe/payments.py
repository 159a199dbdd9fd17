"""What happens to a payment intent once it is confirmed: charged, declined, or its holder asked first."""

from sandbox.documents import Document
from sandbox.stripe import authentication, cards, charges, disputes, payment_methods
from sandbox.stripe.call import Call, shown
from sandbox.stripe.cards import Decline
from sandbox.stripe.errors import StripeError, card_error

NOT_AUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


def attempt(
    call: Call,
    intent: Document,
    method: Document,
    *,
    off_session: bool,
    refuse_action: bool,
    use_stripe_sdk: bool,
) -> None:
    """Takes the money with the payment method, or asks the holder. Raises card_error on a decline.

    `refuse_action` declines where the holder would have to be asked, as off-session payments do.
    """
    card = cards.CARDS[method["_card"]]
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    authenticated = intent.pop("_authenticated", None) == method["id"]
    challenged = intent["payment_method_options"]["card"]["request_three_d_secure"] in ("any", "challenge")
    must_ask = card.asks(off_session=off_session, set_up=method["_set_up"]) or (challenged and not off_session)
    if must_ask and not authenticated:
        if off_session or refuse_action:
            _decline(call, intent, method, cards.AUTHENTICATION_REQUIRED, authenticated=False)
        intent["status"] = "requires_action"
        intent["next_action"] = authentication.asked(
            call, intent, return_url=intent["_return_url"], use_stripe_sdk=use_stripe_sdk
        )
        call.save(intent)
        call.emit("payment_intent.requires_action", intent)
        return
    charge(call, intent, method, authenticated=authenticated)


def charge(call: Call, intent: Document, method: Document, *, authenticated: bool) -> None:
    """Takes the money, the holder having been asked where that was needed. Raises card_error on a decline."""
    card = cards.CARDS[method["_card"]]
    declined = card.refused or card.declined
    payment_methods.record_checks(method, passed=declined is not cards.WRONG_CVC)
    if declined is not None:
        call.save(method)
        _decline(call, intent, method, declined, authenticated=authenticated)
    made = charges.made(call, intent, method, declined=None, authenticated=authenticated)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=made["id"], next_action=None)
    if intent["setup_future_usage"] is not None and intent["customer"] is not None:
        method["_set_up"] = method["_set_up"] or intent["setup_future_usage"] == "off_session"
        payment_methods.attach_to(call, method, intent["customer"])
    elif method["customer"] is None:
        method["_used"] = True
    call.save(method)
    call.save(intent)
    call.emit("payment_intent.succeeded", intent)
    if card.disputed:
        disputes.opened(call, made)


def answered(call: Call, intent: Document, *, completed: bool) -> None:
    """The holder's answer to the question: goes on with the payment, or gives it up.

    A decline after the answer is no error of this call: the intent shows it.
    """
    method = call.find("payment_method", intent["payment_method"], param="payment_method")
    intent["next_action"] = None
    if not completed:
        intent.update(
            status="requires_payment_method",
            payment_method=None,
            last_payment_error={
                "code": "payment_intent_authentication_failure",
                "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
                "message": NOT_AUTHENTICATED,
                "payment_method": shown(method),
                "type": "invalid_request_error",
            },
        )
        call.save(intent)
        call.emit("payment_intent.payment_failed", intent)
    elif intent["confirmation_method"] == "manual":
        intent.update(status="requires_confirmation", _authenticated=method["id"])
        call.save(intent)
    else:
        try:
            charge(call, intent, method, authenticated=True)
        except StripeError as error:
            if error.status != 402:
                raise


def _decline(call: Call, intent: Document, method: Document, declined: Decline, *, authenticated: bool) -> None:
    made = charges.made(call, intent, method, declined=declined, authenticated=authenticated)
    error = {
        "charge": made["id"],
        "code": declined.code,
        "decline_code": declined.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{declined.code.replace('_', '-')}",
        "message": declined.message,
        "payment_method": shown(method),
        "type": "card_error",
    }
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=made["id"],
        next_action=None,
        last_payment_error={name: value for name, value in error.items() if value is not None},
    )
    call.save(intent)
    call.emit("payment_intent.payment_failed", intent)
    raise card_error(
        declined.message,
        code=declined.code,
        decline_code=declined.decline_code,
        param="cvc" if declined is cards.WRONG_CVC else None,
        charge=made["id"],
        payment_method=shown(method),
        payment_intent=shown(intent),
    )
