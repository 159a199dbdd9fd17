"""How long to wait after log-ins that failed: free tries first, then twice as long each time, up to a limit."""

from dataclasses import dataclass
from datetime import timedelta

_MOST_DOUBLINGS = 20


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`free_tries` cost nothing; the next one costs `first_wait`, each after it twice that, up to `longest_wait`.

    Failures older than `forgotten_after` no longer count.
    """

    free_tries: int
    first_wait: timedelta
    longest_wait: timedelta
    forgotten_after: timedelta = timedelta(hours=24)

    def wait_after(self, failures: int) -> timedelta:
        """Return how long the next try must wait after this many failures in a row."""
        beyond = failures - self.free_tries
        if beyond < 0:
            return timedelta(0)
        doublings: int = 2 ** min(beyond, _MOST_DOUBLINGS)
        return min(self.first_wait * doublings, self.longest_wait)


ACCOUNT = Policy(free_tries=5, first_wait=timedelta(seconds=10), longest_wait=timedelta(minutes=15))
"""Per e-mail address, on file or not. The limit is low enough that nobody can be locked out for long."""

IP_ADDRESS = Policy(free_tries=20, first_wait=timedelta(seconds=10), longest_wait=timedelta(hours=1))
"""Per IP address: many customers may share one, so more tries are free."""
