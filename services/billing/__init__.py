"""billing: invoices, credits, allocations and holds. The authority on open amounts.

`services.billing.balance` beside it is a service of its own, which learns from billing's events only.
"""
