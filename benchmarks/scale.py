"""The dashboard and the lists of a small and a large account, among few customers and among many.

Two portals run side by side and take turns, so that what else the machine does slows both.
"""

import statistics
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.cloning import TABLES, clone
from benchmarks.dashboard import SAYS, address_of, get
from benchmarks.portal import Account, Portal
from benchmarks.report import Target, median_ratio, table, targets_table

ROUNDS = 5
SECONDS = 0.7
FEW, MANY = 1_000, 1_000_000
OPEN = 10
COPIED = 100
"""Customers, each with a paid invoice, of whom the million is made."""
PAGES = {
    "dashboard": "/",
    "account history": "/account-history",
    "statement of everything": "/statement?period=all",
    "invoices": "/invoices",
    "invoices, open, most open first": "/invoices?show=open&sort=most-open",
    "invoices, smallest first, a word of all": "/invoices?sort=smallest&q=mowing",
    "invoices, a number": "/invoices?q={reference}-{last}",
    "credits": "/credits",
    "services, upcoming": "/services",
    "services, past": "/services?show=past",
}
"""Their paths; `reference` is the account's and `last` the end of the number of its latest invoice."""
# Each makes as many lines as its key says: an invoice one, a payment of several invoices one.
ACCOUNTS = {
    50: Account(reference="LIGHT", paid=32, paid_together=4, open=OPEN, email="light@customers.example"),
    10_000: Account(reference="HEAVY", paid=8_880, paid_together=8, open=OPEN, email="heavy@customers.example"),
}
CREDITS = {50: 50, 10_000: 10_000}
"""Used-up credits of each account."""
VISITS = {50: 50, 10_000: 10_000}
"""Visits of each account: half are past, half are to come, so that either list has a full page."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A portal with so many customers, and the cookies of its two accounts by their ledger rows."""

    address: str
    cookies: dict[int, str]


Samples = dict[tuple[str, int, int], list[float]]
"""p50 in milliseconds of each round, by page, ledger rows and customers."""


def measure(bench: Bench) -> str:
    """Fill both portals, measure in turns; return the tables."""
    bench.close_portals()
    portals = {customers: bench.portal_named(f"{customers:,} customers") for customers in (FEW, MANY)}
    bench.progress(f"scale: importing {FEW:,} customers, two of them with 50 and 10,000 ledger rows, into both")
    with ThreadPoolExecutor() as threads:
        loading = {customers: threads.submit(_load, portal) for customers, portal in portals.items()}
        loaded = {customers: each.result() for customers, each in loading.items()}
    bench.progress(f"scale: making them {MANY:,} customers in one")
    clone(_databases(portals[MANY]), loaded[MANY].copied, copies=MANY // COPIED)
    places = {customers: each.place for customers, each in loaded.items()}
    samples: Samples = {}
    for number in range(1, ROUNDS + 1):
        for page, path in PAGES.items():
            for rows, account in ACCOUNTS.items():
                its_path = path.format(reference=account.reference, last=account.paid + account.open - 1)
                bench.progress(f"scale, round {number} of {ROUNDS}: {page}, {rows:,} rows")
                for customers, place in places.items():
                    got = get(place.address, [its_path], place.cookies[rows], SAYS, concurrency=1, seconds=SECONDS)
                    samples.setdefault((page, rows, customers), []).append(got["p50_ms"])
    return f"{_figures(samples)}\n\n{targets_table(_targets(samples))}"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A portal with its accounts, and the ids of those customers that can be copied."""

    place: Place
    copied: list[str]


def _load(portal: Portal) -> Filled:
    copied = [Account(reference=f"C{number}", paid=1) for number in range(COPIED)]
    others = [Account(reference=f"O{number}", open=1) for number in range(FEW - COPIED - len(ACCOUNTS))]
    # The large account comes first: the parts of an import then end where groups of invoices paid together end.
    loaded = portal.load([*reversed(ACCOUNTS.values()), *copied, *others])
    for rows, account in ACCOUNTS.items():
        _check_rows(portal, loaded[account.reference].customer_id, rows)
        _give_credits(portal, loaded[account.reference].customer_id, CREDITS[rows])
        _give_visits(portal, [loaded[account.reference].customer_id], VISITS[rows])
    _give_visits(portal, [loaded[each.reference].customer_id for each in copied], 2)
    cookies = {rows: portal.log_in(account.email or "") for rows, account in ACCOUNTS.items()}
    return Filled(
        place=Place(address=address_of(portal.stack.url("gateway")), cookies=cookies),
        copied=[loaded[each.reference].customer_id for each in copied],
    )


def _check_rows(portal: Portal, customer_id: str, rows: int) -> None:
    with portal.database("balance") as cursor:
        query = "SELECT count(*) FROM ledger_transactions WHERE customer_id = %s AND amount_minor <> 0"
        cursor.execute(query, (customer_id,))
        [found] = cursor.fetchone()
    if found != rows:
        raise RuntimeError(f"the account has {found} rows in its ledger's history, not {rows}")


def _give_credits(portal: Portal, customer_id: str, count: int) -> None:
    """Credits that are used up, so that no page but theirs has more to show; the analysis is of them too."""
    with portal.database("billing") as cursor:
        cursor.execute(
            "INSERT INTO credits (credit_id, customer_id, kind, currency, amount_minor, used_minor, granted_on, reason,"
            " origin, created_at, version) SELECT md5(%s || n), %s, 'goodwill', 'USD', 100, 100,"
            " current_date - n %% 700, 'Gate left open', 'import', now(), 1 FROM generate_series(1, %s) AS credit (n)",
            (customer_id, customer_id, count),
        )
        cursor.execute("ANALYZE")


def _give_visits(portal: Portal, customer_ids: list[str], count: int) -> None:
    """Visits a day apart, around today: those behind it completed, the others scheduled."""
    with portal.database("billing") as cursor:
        cursor.execute(
            "INSERT INTO visits (visit_id, customer_id, state, scheduled_on, arrives_from, arrives_until, service,"
            " address, crew_note, created_at, changed_at, completed_at, cancel_reason, version)"
            " SELECT md5(customer_id || day), customer_id, CASE WHEN day < 0 THEN 'completed' ELSE 'scheduled' END,"
            " current_date + day, '08:00', '10:00', 'Mowing and edging', '14 Elm St, Maple Falls, NY 13902',"
            " 'Please leave the side gate unlocked.', now(), now(), CASE WHEN day < 0 THEN now() END, '', 1"
            " FROM unnest(%s) AS customer (customer_id), generate_series(-%s, %s) AS visit (day) WHERE day <> 0",
            (customer_ids, count // 2, count // 2),
        )
        cursor.execute("ANALYZE")


def _databases(portal: Portal) -> dict[str, str]:
    return {each.service: portal.stack.postgres.url_for(each.service) for each in TABLES}


def _figures(samples: Samples) -> str:
    rows = []
    for page in PAGES:
        for ledger_rows in ACCOUNTS:
            figures = [statistics.median(samples[page, ledger_rows, customers]) for customers in (FEW, MANY)]
            rows.append([f"{page}, account of {ledger_rows:,} ledger rows", *(f"{each:.1f} ms" for each in figures)])
    return table(["p50, one at a time", f"among {FEW:,} customers", f"among {MANY:,} customers"], rows)


def _targets(samples: Samples) -> list[Target]:
    light, heavy = ACCOUNTS
    targets = []
    for page in PAGES:
        over = {
            f"{page}: {heavy:,} rows over {light}, among {MANY:,}": ((heavy, MANY), (light, MANY)),
            f"{page}: among {MANY:,} over {FEW:,}, {heavy:,} rows": ((heavy, MANY), (heavy, FEW)),
        }
        targets += [
            Target(
                what=what,
                value=median_ratio(samples[page, *one], samples[page, *other]),
                bound=1.2,
                at_most=True,
            )
            for what, (one, other) in over.items()
        ]
    return targets
