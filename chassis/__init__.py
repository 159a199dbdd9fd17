"""Plumbing for any nameko service: settings, database, messages, RPC, clock, logs, health.

No noun of the business appears here; it imports `contracts.wire`, `contracts.codes` and
`contracts.topology` only.
"""
