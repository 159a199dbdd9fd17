"""Codes of refusals. A code is for programs and never changes; the sentence beside it is for people."""

INVALID = "invalid"
"""A value of the request is wrong; `details["field"]` names it where one does."""

NOT_FOUND = "not_found"
"""It does not exist, or not for this customer: the two look the same (product rule "visible")."""

CONFLICT = "conflict"
"""It contradicts what is already there, for example a number that is taken."""

WRONG_STATE = "wrong_state"
"""The thing is not in a state that allows this, for example voiding an invoice that is being paid."""

KEY_REUSED = "key_reused"
"""The caller's key came before with another request."""

EXPIRED = "expired"
"""The request waited longer than its sender was willing to wait, or a link is past its time."""

ALREADY_BEING_PAID = "already_being_paid"
"""Another payment of these invoices is on its way. Not a decline: nothing was charged by this request."""

STALE_AMOUNT = "stale_amount"
"""The amount was agreed to when the open amounts were others; `details["open_minor"]` says what is open."""

AMOUNT_TOO_SMALL = "amount_too_small"
"""Below the payment provider's or the owner's minimum, or leaving less than that; `details["minimum_minor"]`."""

CARD_IN_USE = "card_in_use"
"""Auto-pay charges this card: whoever removes it must say that auto-pay is to pause."""

LIMIT_REACHED = "limit_reached"
"""There are as many of these as there may be; `details["limit"]`."""

THROTTLED = "throttled"
"""Too many tries; `details["retry_after_s"]`."""

WRONG_CREDENTIALS = "wrong_credentials"
"""E-mail address and password do not belong together, or the session is over."""

LINK_NOT_VALID = "link_not_valid"
"""The one-time link is unknown, used, replaced or past its time."""

PASSWORD_TOO_WEAK = "password_too_weak"  # noqa: S105 - a code, not a password
"""Fewer than 8 characters, or one of the passwords that everybody uses."""

UNAVAILABLE = "unavailable"
"""The service did not answer in time, or could not be reached."""

INTERNAL = "internal"
"""The service failed in a way that it had not foreseen. The cause is in its log under the correlation id."""
