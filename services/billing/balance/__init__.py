"""balance: the double-entry ledger, open items and account balances, made from events alone."""
