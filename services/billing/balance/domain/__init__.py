"""The ledger's rules, without I/O, clock or framework."""
