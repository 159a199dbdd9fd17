"""The command's groups, and its one way of ending on an error."""

import os
import sys

import click
from babel.core import UnknownLocaleError

from chassis import logs
from chassis.database_errors import UnreachableDatabase
from chassis.drained import NotDrained
from chassis.hosting import CannotStart
from chassis.rpc_connection import BrokerUnreachable
from chassis.settings import SettingsError
from contracts.wire import Refused
from porchlight.commands import (
    accounts,
    clock,
    contact,
    dead_events,
    demo,
    importing,
    inviting,
    ledger,
    mail_preview,
    messages,
    migrate,
    payments,
    sending,
    up,
)
from porchlight.compose import ComposeError
from porchlight.demo_data.loading import DemoNotLoaded
from porchlight.importing.source import UnusableFile
from porchlight.private_servers import ServerError
from porchlight.settings import check_settings
from porchlight.walk.browser import WalkFailed

EXPECTED = (
    Refused,
    SettingsError,
    CannotStart,
    UnreachableDatabase,
    BrokerUnreachable,
    NotDrained,
    UnusableFile,
    UnknownLocaleError,
    ServerError,
    ComposeError,
    WalkFailed,
    DemoNotLoaded,
)
"""What can go wrong without a fault in the program: a line for a person, no traceback."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Porchlight, the customer portal of a service business.

    Mode: with PORCHLIGHT_BROKER_URL set (amqp://…) a command talks to the services behind that broker. Without
    it everything is embedded: services and data live in the folder PORCHLIGHT_HOME (default: .porchlight). A
    command beside a running demo goes through that process; otherwise it starts the services itself and ends
    when every event has been handled. All settings are environment variables; .env.example describes them.
    """


for command in (
    accounts.accounts,
    clock.clock,
    contact.contact,
    dead_events.dead_events,
    demo.demo,
    importing.import_,
    inviting.invite,
    ledger.ledger,
    mail_preview.mail_preview,
    messages.messages,
    migrate.migrate,
    payments.payments,
    sending.send,
    up.up,
):
    cli.add_command(command)


def run() -> int:
    """Run the command line and return the exit code."""
    try:
        check_settings(os.environ)
    except SettingsError as error:
        print(f"porchlight: {error}", file=sys.stderr)
        return 1
    logs.configure(
        level=os.environ.get("PORCHLIGHT_LOG_LEVEL") or "warning",
        log_format=os.environ.get("PORCHLIGHT_LOG_FORMAT") or "text",  # type: ignore[arg-type]
        service="porchlight",
    )
    try:
        result = cli(standalone_mode=False)
    except click.exceptions.Abort:
        print("porchlight: stopped", file=sys.stderr)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except EXPECTED as error:
        print(f"porchlight: {error}", file=sys.stderr)
        return 1
    return result if isinstance(result, int) else 0
