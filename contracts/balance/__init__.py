"""balance: the double-entry ledger and what follows from it. It learns only from events."""

from contracts.balance.accounts import (
    AccountBalance,
    AccountsPage,
    AccountView,
    ActivityKind,
    ActivityPage,
    ActivityRow,
    GetAccount,
    ListAccounts,
    ListActivity,
    MonthFigures,
)
from contracts.balance.explaining import (
    MOST_FIGURE_ROWS,
    ExplainFigure,
    Figure,
    FigureRow,
    FigureRowKind,
    FigureView,
)
from contracts.balance.proofs import (
    CheckLedger,
    DifferenceKind,
    LedgerCheck,
    LedgerDifference,
    RebuildLedger,
)
from contracts.balance.statements import (
    MOST_STATEMENT_ROWS,
    Aging,
    Application,
    AppliedPart,
    GetStatement,
    StatementPeriod,
    StatementView,
)

__all__ = [
    "MOST_FIGURE_ROWS",
    "MOST_STATEMENT_ROWS",
    "AccountBalance",
    "AccountView",
    "AccountsPage",
    "ActivityKind",
    "ActivityPage",
    "ActivityRow",
    "Aging",
    "Application",
    "AppliedPart",
    "CheckLedger",
    "DifferenceKind",
    "ExplainFigure",
    "Figure",
    "FigureRow",
    "FigureRowKind",
    "FigureView",
    "GetAccount",
    "GetStatement",
    "LedgerCheck",
    "LedgerDifference",
    "ListAccounts",
    "ListActivity",
    "MonthFigures",
    "RebuildLedger",
    "StatementPeriod",
    "StatementView",
]
