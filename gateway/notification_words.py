"""What the kinds of messages, and the ways in which they come, are called on pages."""

from contracts.notify import ConsentSource, EmailChoice, ReminderWay

EMAILS: dict[EmailChoice, tuple[str, str]] = {
    "invoice_sent": ("New invoices", "When an invoice is sent to you. It is in the portal in any case."),
    "statement_ready": ("Statements", "When a statement of your account is ready."),
    "card_expiring": ("Card about to expire", "Before a saved card runs out."),
}
"""The e-mails with a box to tick, and what each is about. The reminder of a visit has a choice of its own."""

ALWAYS = (
    ("Receipts", "for every payment"),
    ("Auto-pay notices", "before a charge, after it, and when one fails: nothing is charged without them"),
    ("Security", "sign-up and password links, changes of your address or password"),
    ("Answers", "to what you write to us"),
)
"""What is sent whatever was chosen."""

WAYS: dict[ReminderWay, str] = {
    "email": "By e-mail",
    "text": "By text",
    "both": "By e-mail and text",
    "none": "Not at all",
}

SOURCES: dict[ConsentSource, str] = {
    "portal": "on this page",
    "text": "by text from the phone",
    "carrier": "by your phone's carrier",
    "phone_changed": "because the number on file changed",
}

KINDS: dict[EmailChoice, str] = {
    "invoice_sent": "about new invoices",
    "visit_reminder": "that remind you of visits",
    "statement_ready": "about statements",
    "card_expiring": "about cards that are about to expire",
}
"""After "E-mails"."""
