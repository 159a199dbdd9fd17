"""The Statement tab, "Account history / Customer Statement": a period on the screen, as PDF and as CSV."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.balance import MOST_STATEMENT_ROWS, GetStatement, StatementView
from contracts.wire import Refused
from gateway import recent
from gateway.composition import Panels, read_page
from gateway.papers.content import formats, statement_paper
from gateway.papers.pages import paper
from gateway.statement_lines import AGES, PERIODS, lines_of_statement
from gateway.statement_query import StatementQuery
from gateway.statement_table import statement_csv
from gateway.visitor import visitor

pages = Blueprint("statement", __name__)

PAGE_SIZE = 50
MOST_ON_PAPER = 2_000
"""Transactions in one PDF: some forty pages, a second of work."""


@pages.get("/account-history")
@pages.get("/statement")
def show() -> ResponseReturnValue:
    """The period's figures and a page of its transactions, oldest first."""
    query = StatementQuery.of_request()
    if query.problems:
        read_page()
        return _page(query, None), 422
    answer = _ask(query, limit=PAGE_SIZE)
    if isinstance(answer, StatementQuery):
        return _page(answer, None), 422
    if answer.included:
        recent.settle(visitor().customer_id)
    return _page(query, answer)


@pages.get("/statement.pdf")
def pdf() -> ResponseReturnValue:
    """The whole statement on paper."""
    view = _whole(MOST_ON_PAPER)
    if not isinstance(view, StatementView):
        return view
    return paper("statement", statement_paper(view), "statement", str(view.starts_on), "to", str(view.ends_on))


@pages.get("/statement.csv")
def csv() -> ResponseReturnValue:
    """The whole statement as a table for other programs."""
    view = _whole(MOST_STATEMENT_ROWS)
    if not isinstance(view, StatementView):
        return view
    response = Response(statement_csv(view), mimetype="text/csv")
    name = f"statement-{view.starts_on}-to-{view.ends_on}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _whole(most: int) -> StatementView | ResponseReturnValue:
    """The statement with all its rows, or the page that says why there is none."""
    query = StatementQuery.of_request()
    if query.problems:
        read_page()
        return _page(query, None), 422
    answer = _ask(query, limit=most)
    if isinstance(answer, StatementQuery):
        return _page(answer, None), 422
    if answer.total_rows > most or request.args.get("after"):
        return _page(query, answer, too_long=most), 422
    return answer


def _ask(query: StatementQuery, *, limit: int) -> StatementView | StatementQuery:
    """What balance answers; the query with its problem where balance refuses the days."""
    me = visitor().customer_id
    command = GetStatement(
        customer_id=me,
        period=query.period,
        starts_on=query.starts_on,
        ends_on=query.ends_on,
        cursor=query.after,
        limit=limit,
        must_include=[each.payment_id for each in recent.of_customer(me)],
    )
    panels = read_page(statement=command)
    refused = _about_days(panels)
    if refused is not None:
        return query.with_problem(refused.details["field"], refused.message)
    view: StatementView = panels.need("statement")
    return view


def _about_days(panels: Panels) -> Refused | None:
    refused = panels.refused("statement", codes.INVALID)
    return refused if refused and refused.details.get("field") in ("starts_on", "ends_on") else None


def _page(query: StatementQuery, view: StatementView | None, *, too_long: int = 0) -> str:
    behind = recent.of_customer(visitor().customer_id) if view and not view.included else []
    return render_template(
        "statement/statement.html",
        query=query,
        view=view,
        lines=lines_of_statement(view, formats()) if view and not too_long else [],
        periods=PERIODS,
        ages=AGES,
        too_long=too_long,
        most_on_paper=MOST_ON_PAPER,
        most_in_table=MOST_STATEMENT_ROWS,
        catching_up_minor=sum(each.amount_minor for each in behind),
        problem="; ".join(query.problems.values()) if query.problems else None,
    )
