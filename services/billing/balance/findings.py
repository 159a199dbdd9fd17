"""What a check has found so far: some lines of each kind, and how many more there were."""

from collections import Counter

from contracts.balance import DifferenceKind, LedgerDifference

LISTED_OF_A_KIND = 20


class Findings:
    """Differences in the order in which they were found, no more than `LISTED_OF_A_KIND` of each kind."""

    def __init__(self) -> None:
        self.differences: list[LedgerDifference] = []
        self._counts: Counter[DifferenceKind] = Counter()

    def add(self, kind: DifferenceKind, message: str) -> None:
        """Note a difference."""
        self._counts[kind] += 1
        if self._counts[kind] <= LISTED_OF_A_KIND:
            self.differences.append(LedgerDifference(kind=kind, message=message))

    @property
    def unlisted(self) -> int:
        """How many were found beyond those that are listed."""
        return self._counts.total() - len(self.differences)
