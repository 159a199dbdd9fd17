"""`porchlight import`: what the business brings along, from CSV files with any header names."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from porchlight.commands.option_types import Columns, Day
from porchlight.connection import Services, connected
from porchlight.importing import customers as customer_rows
from porchlight.importing import invoice_rows, visit_rows
from porchlight.importing.invoices import import_invoices
from porchlight.importing.report import ImportReport
from porchlight.importing.source import Source
from porchlight.importing.visits import import_visits


def file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every import has."""
    for option in (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--columns", type=Columns(), multiple=True, help="Which column is which field; may be repeated."),
        click.option("--encoding", help="The file's encoding, when it is not recognised."),
        click.option("--dry-run", is_flag=True, help="Read and check the file; change nothing."),
        click.option(
            "--errors",
            type=click.Path(path_type=Path),
            help="Where rows that were not taken go. Default: FILE's name with .errors.csv, in this folder.",
        ),
    ):
        command = option(command)
    return command


@click.group("import")
def import_() -> None:
    """Bring customers, invoices and visits along, from CSV. Safe to repeat; nobody is written to about what is past."""


@import_.command()
@file_options
def customers(
    file: Path, columns: tuple[dict[str, str], ...], encoding: str | None, dry_run: bool, errors: Path | None
) -> int:
    """Import customers: reference, name, email, phone, address."""
    source = _source(file, columns, encoding, customer_rows.REQUIRED, customer_rows.OPTIONAL)
    errors = _errors_file(file, errors)
    with connected(os.environ) as services, _cut_short(), _progress(source) as advance:
        report = customer_rows.import_customers(services.caller, source, dry_run=dry_run, progress=advance)
        services.settle()
    return _finish(report, file, errors)


@import_.command()
@file_options
@click.option("--date-format", default="%Y-%m-%d", show_default=True, help="How dates are written (strptime's signs).")
@click.option("--today", type=Day(), help="The day to take for today. Default: the business's today.")
@click.option("--create-customers", is_flag=True, help="Create customers that are not known, by reference alone.")
def invoices(
    file: Path,
    columns: tuple[dict[str, str], ...],
    encoding: str | None,
    dry_run: bool,
    errors: Path | None,
    date_format: str,
    today: date | None,
    create_customers: bool,
) -> int:
    """Import invoices: customer, number, issued_on, due_on, total, and if there are paid_on, description.

    Issued after today they stay drafts. Those paid on or before today carry a payment of that day; the rest are
    sent and open.
    """
    _check_date_format(date_format)
    source = _source(file, columns, encoding, invoice_rows.REQUIRED, invoice_rows.OPTIONAL)
    errors = _errors_file(file, errors)
    with connected(os.environ) as services, _cut_short(), _progress(source) as advance:
        report = import_invoices(
            services.caller,
            source,
            _format(services, date_format, create_customers),
            today=today or services.today(),
            dry_run=dry_run,
            progress=advance,
        )
        services.settle()
    return _finish(report, file, errors)


@import_.command()
@file_options
@click.option("--date-format", default="%Y-%m-%d", show_default=True, help="How dates are written (strptime's signs).")
@click.option("--time-format", default="%H:%M", show_default=True, help="How times of day are written.")
@click.option("--today", type=Day(), help="The day to take for today. Default: the business's today.")
def visits(
    file: Path,
    columns: tuple[dict[str, str], ...],
    encoding: str | None,
    dry_run: bool,
    errors: Path | None,
    date_format: str,
    time_format: str,
    today: date | None,
) -> int:
    """Import visits: customer, reference, date, service, and if there are arrives_from, arrives_until, address,
    crew_note, state, invoice, invoice_line.

    Those before today were done, the others are scheduled and reminded of on the day before, unless state says that
    they were cancelled. Times of day are those of the business's time zone.
    """
    _check_date_format(date_format)
    _check_time_format(time_format)
    source = _source(file, columns, encoding, visit_rows.REQUIRED, visit_rows.OPTIONAL)
    errors = _errors_file(file, errors)
    with connected(os.environ) as services, _cut_short(), _progress(source) as advance:
        report = import_visits(
            services.caller,
            source,
            visit_rows.VisitFormat(date_format=date_format, time_format=time_format),
            today=today or services.today(),
            dry_run=dry_run,
            progress=advance,
        )
        services.settle()
    return _finish(report, file, errors)


def _format(services: Services, date_format: str, create_customers: bool) -> invoice_rows.InvoiceFormat:
    return invoice_rows.InvoiceFormat(
        date_format=date_format,
        currency=services.currency,
        locale=services.locale,
        create_customers=create_customers,
    )


def _check_date_format(date_format: str) -> None:
    sample = datetime(2013, 6, 30)  # noqa: DTZ001 - a date has no time zone
    try:
        understood = datetime.strptime(sample.strftime(date_format), date_format)  # noqa: DTZ007
    except ValueError as error:
        raise click.BadParameter(
            f"{date_format!r} is not a date format: {error}", param_hint="--date-format"
        ) from error
    if understood.date() != sample.date():
        raise click.BadParameter(f"{date_format!r} leaves out part of the date", param_hint="--date-format")


def _check_time_format(time_format: str) -> None:
    sample = datetime(2013, 6, 30, 17, 45)  # noqa: DTZ001 - the business's wall has the zone
    try:
        understood = datetime.strptime(sample.strftime(time_format), time_format)  # noqa: DTZ007
    except ValueError as error:
        raise click.BadParameter(
            f"{time_format!r} is not a time format: {error}", param_hint="--time-format"
        ) from error
    if understood.time() != sample.time():
        raise click.BadParameter(f"{time_format!r} leaves out part of the time", param_hint="--time-format")


def _source(
    file: Path,
    columns: tuple[Mapping[str, str], ...],
    encoding: str | None,
    required: tuple[str, ...],
    optional: tuple[str, ...],
) -> Source:
    together = {field: header for mapping in columns for field, header in mapping.items()}
    return Source(file, columns=together, required=required, optional=optional, encoding=encoding)


def _errors_file(file: Path, errors: Path | None) -> Path:
    """Where bad rows will go, found fit before anything is imported: afterwards they would be lost."""
    chosen = errors or Path(f"{file.stem}.errors.csv")
    if chosen.resolve() == file.resolve():
        raise click.BadParameter(f"{chosen} is the file to import; choose another one", param_hint="--errors")
    if chosen.is_dir():
        raise click.BadParameter(f"{chosen} is a folder; name a file", param_hint="--errors")
    if not os.access(chosen if chosen.exists() else chosen.resolve().parent, os.W_OK):
        raise click.BadParameter(f"{chosen} cannot be written; name another file", param_hint="--errors")
    return chosen


@contextmanager
def _cut_short() -> Iterator[None]:
    """Say what an import that did not come to its end leaves behind, whatever it was."""
    try:
        yield
    except BaseException:
        print(
            "the import did not come to its end. What it took until then stays; run the same command again: "
            "nothing is taken twice.",
            file=sys.stderr,
        )
        raise


@contextmanager
def _progress(source: Source) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    with bar:
        task = bar.add_task(f"importing {source.path.name}", total=source.row_count)
        yield lambda count: bar.advance(task, count)
        bar.update(task, total=bar.tasks[task].completed)


def _finish(report: ImportReport, file: Path, errors: Path) -> int:
    if not report.counts and not report.bad_rows:
        click.echo(f"{file.name} has no rows under its header: nothing to import")
    for what, count in sorted(report.counts.items()):
        if count:
            click.echo(f"{what}: {count}")
    try:
        report.write_errors(errors)
    except OSError as error:
        print(f"{errors} cannot be written: {error.strerror}. What was not taken:", file=sys.stderr)
        for bad in report.bad_rows:
            print(f"line {bad.line}: {bad.problem}", file=sys.stderr)
        return 1
    if not report.bad_rows:
        return 0
    count = len(report.bad_rows)
    which = "1 row was not taken; it is" if count == 1 else f"{count} rows were not taken; they are"
    print(f"{which} in {errors}, with what is wrong", file=sys.stderr)
    return 1
