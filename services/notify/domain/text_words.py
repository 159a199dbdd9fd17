"""The words of our texts, and the words by which a customer agrees to them."""

import hashlib
from dataclasses import dataclass

EDITION = "2026-11"
"""Changed by hand with the meaning of the consent's words; a hash of the words themselves follows it."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What one business says. `phone` and `email` are its contact, `portal_url` is without a slash at its end."""

    business: str
    phone: str
    email: str
    portal_url: str

    def consent(self, number_shown: str) -> str:
        """What is agreed to: who writes, where to, what, how often, at what cost, and how to end it."""
        return (
            f"I agree that {self.business} may send text messages to {number_shown} about my service: reminders of "
            "visits and news about them, usually one or two for each visit. These are service reminders, never "
            "marketing, and agreeing is not a condition of any purchase. Msg & data rates may apply. Reply STOP at any "
            "time to stop, HELP for help."
        )

    def consent_version(self, number_shown: str) -> str:
        """Names exactly these words."""
        return f"{EDITION}-{hashlib.sha256(self.consent(number_shown).encode()).hexdigest()[:8]}"

    def confirmation(self) -> str:
        """Follows an opt-in."""
        return (
            f"{self.business}: you will get service reminders by text, usually 1-2 for each visit. "
            "Msg & data rates may apply. Reply HELP for help, STOP to stop."
        )

    def stopped(self) -> str:
        """The one answer to STOP."""
        return f"{self.business}: texts are off, you will get no more. Reply START to have them again."

    def help(self) -> str:
        """How to reach the business."""
        return (
            f"{self.business} service reminders. Questions? {self._contact()}. Msg & data rates may apply. "
            "Reply STOP to stop."
        )

    def unknown_number(self) -> str:
        """The answer to START from a phone that is nobody's."""
        return (
            f"{self.business}: we have no account with this number. Put it in your profile at {self.portal_url}, then "
            f"text START again. Questions? {self._contact()}."
        )

    def passed_on(self) -> str:
        """The answer to a text that people are to read."""
        return (
            f"{self.business}: thank you, we have passed your message on. In a hurry? {self._contact()}. "
            "Reply STOP to stop texts."
        )

    def _contact(self) -> str:
        return f"Call {self.phone} or write to {self.email}" if self.phone else f"Write to {self.email}"
