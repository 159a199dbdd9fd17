"""How money is shared out over invoices: pure arithmetic."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.allocation import (
    effective_day,
    oldest_due_first,
    share_credits,
    share_payment,
    spread,
)
from services.billing.domain.credit import Credit
from services.billing.domain.invoice import Invoice

DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def owed(
    number: str, total_minor: int, *, due_in: int = 0, issued_in: int = 0, allocated_minor: int = 0, sent_on: date = DAY
) -> Invoice:
    return Invoice(
        invoice_id=f"id-{number}",
        customer_id="c",
        number=number,
        currency="USD",
        total_minor=total_minor,
        issued_on=DAY + timedelta(days=issued_in),
        due_on=DAY + timedelta(days=30 + due_in),
        created_at=NOON,
        state="sent",
        sent_at=NOON,
        effective_on=sent_on,
        allocated_minor=allocated_minor,
    )


def granted(credit_id: str, amount_minor: int, *, on: date = DAY) -> Credit:
    return Credit(
        credit_id=credit_id,
        customer_id="c",
        kind="goodwill",
        currency="USD",
        amount_minor=amount_minor,
        granted_on=on,
        created_at=NOON,
    )


def numbers(shares) -> list[tuple[str, int]]:
    return [(share.target.number, share.amount_minor) for share in shares]


def test_the_order_is_due_date_then_issue_date_then_number():
    invoices = [
        owed("B", 1, due_in=1),
        owed("D", 1, due_in=1, issued_in=1),
        owed("A", 1, due_in=2),
        owed("C", 1, due_in=1),
        owed("E", 1, due_in=0, issued_in=9),
    ]
    assert [invoice.number for invoice in oldest_due_first(invoices)] == ["E", "B", "C", "D", "A"]


def test_a_payment_fills_one_invoice_after_the_other():
    assert numbers(spread(250, [owed("A", 100), owed("B", 100), owed("C", 100)])) == [("A", 100), ("B", 100), ("C", 50)]


def test_a_paid_invoice_takes_nothing():
    assert numbers(spread(50, [owed("A", 100, allocated_minor=100), owed("B", 100)])) == [("B", 50)]


def test_agreed_amounts_are_kept_and_the_rest_goes_nowhere():
    invoices = [owed("A", 100), owed("B", 100)]
    assert numbers(share_payment(150, invoices, meant={"id-A": 60, "id-B": 40}, being_paid=())) == [
        ("A", 60),
        ("B", 40),
    ]


def test_invoices_named_without_amounts_come_first():
    invoices = [owed("A", 100), owed("B", 100)]
    assert numbers(share_payment(150, invoices, meant={"id-B": 0}, being_paid=())) == [("B", 100), ("A", 50)]


def test_an_invoice_held_by_another_payment_is_skipped_even_when_chosen():
    invoices = [owed("A", 100), owed("B", 100)]
    assert numbers(share_payment(150, invoices, meant={"id-A": 0}, being_paid={"id-A"})) == [("B", 100)]


def test_the_oldest_credit_goes_to_the_oldest_due_invoice():
    older, newer = granted("2", 70, on=DAY), granted("1", 100, on=DAY + timedelta(days=1))
    invoices = [owed("LATER", 100, due_in=5), owed("SOONER", 80), owed("HELD", 500, due_in=-5)]
    shares = share_credits([newer, older], invoices, being_paid={"id-HELD"})
    assert [(share.credit.credit_id, share.target.number, share.amount_minor) for share in shares] == [
        ("2", "SOONER", 70),
        ("1", "SOONER", 10),
        ("1", "LATER", 90),
    ]
    assert (older.open_minor, newer.open_minor) == (0, 0)


def test_money_counts_from_the_later_day():
    invoice = owed("A", 100, sent_on=date(2026, 3, 5))
    assert effective_day(date(2026, 3, 1), invoice) == date(2026, 3, 5)
    assert effective_day(date(2026, 3, 9), invoice) == date(2026, 3, 9)


@st.composite
def invoices_of_one_customer(draw):
    count = draw(st.integers(0, 8))
    found = []
    for at in range(count):
        total_minor = draw(st.integers(1, 10_000))
        found.append(
            owed(
                str(at),
                total_minor,
                due_in=draw(st.integers(0, 3)),
                allocated_minor=draw(st.integers(0, total_minor)),
            )
        )
    return found


@given(invoices=invoices_of_one_customer(), amount_minor=st.integers(1, 50_000), data=st.data())
def test_a_share_is_never_more_than_the_payment_nor_than_what_is_open(invoices, amount_minor, data):
    ids = [invoice.invoice_id for invoice in invoices]
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    held = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    shares = share_payment(amount_minor, invoices, meant=dict.fromkeys(chosen, 0), being_paid=held)
    shared_minor = sum(share.amount_minor for share in shares)
    assert shared_minor <= amount_minor
    assert len({share.target.invoice_id for share in shares}) == len(shares)
    for share in shares:
        assert 0 < share.amount_minor <= share.target.open_minor
        assert share.target.invoice_id not in held
    # Nothing is left over while a free invoice is open.
    free_minor = sum(invoice.open_minor for invoice in invoices if invoice.invoice_id not in held)
    assert shared_minor == min(amount_minor, free_minor)


@given(invoices=invoices_of_one_customer(), amounts=st.lists(st.integers(1, 20_000), max_size=5))
def test_credits_lose_exactly_what_invoices_gain(invoices, amounts):
    credits = [granted(str(at), amount_minor) for at, amount_minor in enumerate(amounts)]
    open_before = sum(invoice.open_minor for invoice in invoices)
    shares = share_credits(credits, invoices, being_paid=())
    used_minor = sum(credit.used_minor for credit in credits)
    assert used_minor == sum(share.amount_minor for share in shares)
    assert used_minor == open_before - sum(invoice.open_minor for invoice in invoices)
    assert used_minor == min(open_before, sum(amounts))
