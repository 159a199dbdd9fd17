"""Plumbing for any nameko service: settings, database, messages, RPC, clock, logs, health.

No noun of the business appears here; it imports `contracts.wire`, `contracts.codes` and
`contracts.topology` only.
"""

import warnings

# It says so at each start; docs/decisions has why it is used all the same.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
