"""Where the links in e-mails lead. The routes are the gateway's; a contract test follows each of these."""

from datetime import date
from urllib.parse import quote, urlencode


def invoice(portal_url: str, invoice_id: str) -> str:
    """One invoice."""
    return f"{portal_url}/invoices/{quote(invoice_id, safe='')}"


def pay_invoice(portal_url: str, invoice_id: str) -> str:
    """The Pay page for one invoice."""
    return f"{portal_url}/pay?invoice={quote(invoice_id, safe='')}"


def receipt(portal_url: str, payment_id: str) -> str:
    """A payment's receipt."""
    return f"{portal_url}/receipts/{quote(payment_id, safe='')}"


def services(portal_url: str) -> str:
    """The customer's visits."""
    return f"{portal_url}/services"


def visit(portal_url: str, visit_id: str) -> str:
    """One visit."""
    return f"{portal_url}/services/{quote(visit_id, safe='')}"


def set_password(portal_url: str, token: str) -> str:
    """The page behind a one-time link."""
    return f"{portal_url}/set-password/{quote(token, safe='')}"


def sign_up(portal_url: str) -> str:
    """Where a link to sign up is asked for."""
    return f"{portal_url}/sign-up"


def confirm_email(portal_url: str, token: str) -> str:
    """The page behind the link of a new e-mail address."""
    return f"{portal_url}/confirm-email/{quote(token, safe='')}"


def profile(portal_url: str) -> str:
    """The customer's own page."""
    return f"{portal_url}/profile"


def log_in(portal_url: str) -> str:
    """The log-in page."""
    return f"{portal_url}/login"


def forgot_password(portal_url: str) -> str:
    """Where a link for a new password is asked for."""
    return f"{portal_url}/forgot-password"


def contact(portal_url: str) -> str:
    """The page Contact Us."""
    return f"{portal_url}/contact"


def unsubscribe(portal_url: str, token: str) -> str:
    """Where one kind of e-mail is switched off; mail programs post to it (RFC 8058)."""
    return f"{portal_url}/unsubscribe/{quote(token, safe='')}"


def billing_info(portal_url: str) -> str:
    """Saved cards and auto-pay."""
    return f"{portal_url}/billing-info"


def statement(portal_url: str, starts_on: date, ends_on: date) -> str:
    """The statement of a period."""
    query = {"period": "custom", "from": starts_on.isoformat(), "to": ends_on.isoformat()}
    return f"{portal_url}/statement?{urlencode(query)}"
