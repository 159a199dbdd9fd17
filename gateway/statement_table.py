"""A statement as CSV (RFC 4180), for a spreadsheet or another program.

Numbers and dates are the same in every locale: `-98.00`, `2026-03-31`. It begins with a byte order mark, without which
Excel takes UTF-8 for the machine's old code page; other programs read past it. Text that a spreadsheet would take for a
formula is led by an apostrophe (OWASP, "CSV Injection").
"""

import csv
from decimal import Decimal
from io import StringIO

from babel.numbers import get_currency_precision

from contracts.balance import Application, StatementView

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    "date",
    "kind",
    "reference",
    "description",
    "amount",
    "balance",
    "currency",
    "invoices_paid",
    "left_as_credit",
)
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def statement_csv(view: StatementView) -> str:
    """One row a transaction between the opening and the closing balance."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    application_of = {each.event_id: each for each in view.applications}

    def amount(amount_minor: int) -> str:
        return plain_amount(amount_minor, view.currency)

    def balance(kind: str, day: object, balance_minor: int) -> tuple[str, ...]:
        return (str(day), kind, "", "", "", amount(balance_minor), view.currency, "", "")

    writer.writerow(balance("opening_balance", view.starts_on, view.opening_minor))
    for row in view.rows:
        application = application_of.get(row.event_id)
        writer.writerow(
            (
                row.effective_on.isoformat(),
                row.kind,
                harmless(row.reference),
                harmless(row.description),
                amount(row.amount_minor),
                amount(row.running_balance_minor),
                view.currency,
                harmless(_paid(application, view.currency)),
                amount(application.left_minor) if application else "",
            )
        )
    writer.writerow(balance("closing_balance", view.ends_on, view.closing_minor))
    for kind, minor in (
        ("balance_due", view.balance_due_minor),
        ("credits", view.credits_minor),
        ("aging_current", view.aging.current_minor),
        ("aging_1_30_days", view.aging.days_1_30_minor),
        ("aging_31_60_days", view.aging.days_31_60_minor),
        ("aging_61_90_days", view.aging.days_61_90_minor),
        ("aging_over_90_days", view.aging.over_90_minor),
    ):
        writer.writerow(balance(kind, view.ends_on, minor))
    return BYTE_ORDER_MARK + text.getvalue()


def plain_amount(amount_minor: int, currency: str) -> str:
    """An amount without sign, grouping or locale: 123456 of USD is "1234.56"."""
    return str(Decimal(amount_minor).scaleb(-get_currency_precision(currency)))


def harmless(text: str) -> str:
    """`text` so that no spreadsheet runs it."""
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_FORMULA) else text


def _paid(application: Application | None, currency: str) -> str:
    parts = application.parts if application else []
    return "; ".join(
        f"{part.invoice_number} {plain_amount(part.amount_minor, currency)}{' returned' if part.returned else ''}"
        for part in parts
    )
