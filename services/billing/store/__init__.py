"""Domain objects in and out of billing's tables, many at a time. Decides nothing."""

from services.billing.store.accounts import lock_account, lock_accounts
from services.billing.store.credits import (
    credits_by_id,
    insert_allocations,
    insert_credit,
    live_allocations,
    open_credits,
    save_allocations,
    save_credits,
)
from services.billing.store.holds import being_paid, hold_of, insert_hold, save_ended_hold
from services.billing.store.invoices import (
    Owed,
    chosen_invoices,
    insert_invoices,
    insert_lines,
    invoices_by_id,
    invoices_by_number,
    lines_of,
    open_invoices,
    owners_by_id,
    owners_by_number,
    replace_lines,
    save_invoices,
)
from services.billing.store.numbers import take_number
from services.billing.store.payments import insert_payment
from services.billing.store.visits import (
    has_line,
    insert_visits,
    owed_among,
    save_visits,
    visit_by_id,
    visit_owner,
    visit_owners_by_reference,
    visits_by_reference,
)
from services.billing.store.words import insert_words

__all__ = [
    "Owed",
    "being_paid",
    "chosen_invoices",
    "credits_by_id",
    "has_line",
    "hold_of",
    "insert_allocations",
    "insert_credit",
    "insert_hold",
    "insert_invoices",
    "insert_lines",
    "insert_payment",
    "insert_visits",
    "insert_words",
    "invoices_by_id",
    "invoices_by_number",
    "lines_of",
    "live_allocations",
    "lock_account",
    "lock_accounts",
    "open_credits",
    "open_invoices",
    "owed_among",
    "owners_by_id",
    "owners_by_number",
    "replace_lines",
    "save_allocations",
    "save_credits",
    "save_ended_hold",
    "save_invoices",
    "save_visits",
    "take_number",
    "visit_by_id",
    "visit_owner",
    "visit_owners_by_reference",
    "visits_by_reference",
]
