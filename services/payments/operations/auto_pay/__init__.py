"""Auto-pay: invoices are charged to a saved card by themselves, by the customer's consent.

Locks are taken in one order: the customer's account, then its invoices and charges, then a card. Who brings a payment's
outcome holds the payment and touches the charge alone.
"""
