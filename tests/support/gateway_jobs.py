"""What Green Acres Lawn did for Ana over two seasons: number, total in cents, issued, due, description."""

from datetime import date, timedelta

OPEN_JOBS = (
    ("1031", 9800, date(2026, 5, 8), date(2026, 6, 7), "Spring clean-up"),
    ("1036", 8450, date(2026, 5, 29), date(2026, 6, 28), "Mowing ×2, edging"),
    ("1042", 8450, date(2026, 6, 26), date(2026, 7, 10), "Mowing ×2, edging"),
)


def paid_jobs() -> tuple[tuple[str, int, date, date, str], ...]:
    """Two seasons of paid invoices, a fortnight apart."""
    work = (
        ("Mowing ×2, edging", 8450),
        ("Mowing", 4200),
        ("Fertilizer, first round", 13_725),
        ("Leaf removal", 112_090),
    )
    first = date(2025, 4, 4)
    return tuple(
        (
            str(1001 + number),
            work[number % len(work)][1],
            first + timedelta(days=14 * number),
            first + timedelta(days=14 * number + 30),
            work[number % len(work)][0],
        )
        for number in range(28)
    )
