"""A customer's credits in pages, each with where it went."""

from collections import defaultdict
from datetime import date

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts.billing import AllocationView, CreditPage, CreditUses, ListCredits
from services.billing import queries
from services.billing.domain.credit import Credit
from services.billing.domain.rules import OwnerRules
from services.billing.models import AllocationRow, CreditRow, SentBackRow
from services.billing.store.rows import columns_of, object_of

MOST_USES = 50
"""Uses of one credit in a page; more are counted."""


def list_credits(session: Session, command: ListCredits, *, rules: OwnerRules, today: date) -> CreditPage:
    """A page of the customer's credits, latest granted first; what is left is summed over all of them."""
    queries.check_page_size(command.limit)
    query = select(*columns_of(CreditRow, Credit)).where(CreditRow.customer_id == command.customer_id)
    if after := read_cursor(command.cursor, date, str):
        query = query.where(tuple_(CreditRow.granted_on, CreditRow.credit_id) < after)
    query = query.order_by(CreditRow.granted_on.desc(), CreditRow.credit_id.desc()).limit(command.limit + 1)
    found = [object_of(Credit, row) for row in session.execute(query)]
    more = len(found) > command.limit
    credits = found[: command.limit]
    uses, further = _uses(session, [credit.credit_id for credit in credits])
    sent_back = _sent_back(session, [credit.credit_id for credit in credits])
    return CreditPage(
        credits=[
            CreditUses(
                credit=queries.view_of_credit(credit),
                allocations=uses[credit.credit_id],
                further_uses=further[credit.credit_id],
                sent_back_minor=sent_back.get(credit.credit_id, 0),
            )
            for credit in credits
        ],
        currency=rules.currency,
        open_minor=queries.credits_left(session, command.customer_id),
        as_of=today,
        auto_apply_credits=rules.auto_apply_credits,
        next_cursor=write_cursor(credits[-1].granted_on, credits[-1].credit_id) if more else None,
    )


def _uses(session: Session, credit_ids: list[str]) -> tuple[dict[str, list[AllocationView]], dict[str, int]]:
    table = AllocationRow.__table__
    source = table.c.source_id
    ranked = (
        select(
            *(table.c[name] for name in AllocationView.__struct_fields__),
            func.row_number().over(partition_by=source, order_by=table.c.allocation_id).label("place"),
            func.count().over(partition_by=source).label("in_all"),
        )
        .where(source.in_(credit_ids), table.c.source == "credit")
        .subquery()
    )
    uses: dict[str, list[AllocationView]] = defaultdict(list)
    further: dict[str, int] = defaultdict(int)
    query = select(ranked).where(ranked.c.place <= MOST_USES).order_by(ranked.c.allocation_id)
    for row in session.execute(query):
        fields = dict(row._mapping)
        fields.pop("place")
        further[row.source_id] = max(0, fields.pop("in_all") - MOST_USES)
        uses[row.source_id].append(AllocationView(**fields))
    return uses, further


def _sent_back(session: Session, credit_ids: list[str]) -> dict[str, int]:
    query = (
        select(SentBackRow.credit_id, func.sum(SentBackRow.amount_minor))
        .where(SentBackRow.credit_id.in_(credit_ids))
        .group_by(SentBackRow.credit_id)
    )
    return {credit_id: int(amount_minor) for credit_id, amount_minor in session.execute(query)}
