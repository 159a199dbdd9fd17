"""`porchlight mail-preview`: every e-mail as customers will get it, written to a folder."""

import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from chassis.settings import load
from porchlight.connection import is_distributed
from porchlight.embedded.home import GREEN_ACRES

_NOT_USED = {
    "PORCHLIGHT_BROKER_URL": "inprocess://",
    "PORCHLIGHT_NOTIFY_DATABASE_URL": "sqlite://",
    "PORCHLIGHT_MAIL_URL": "smtp://127.0.0.1",
    "PORCHLIGHT_UNSUBSCRIBE_SECRET": secrets.token_urlsafe(32),
}
"""Settings without which notify would not start, and of which an e-mail says nothing."""


@click.command("mail-preview")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("mail-preview"),
    show_default=True,
    help="The folder to write to; made if it is not there.",
)
def mail_preview(folder: Path) -> None:
    """Write every e-mail with sample data to a folder: HTML, plain text, the whole message, and a page with them all.

    Business, logo, colour, locale and the words of the invitation are those of the settings; nothing needs to run.
    """
    # Imported here: of all commands this one alone writes e-mails.
    from services.notify.emails.letter import Sampling
    from services.notify.emails.preview import INDEX, write_previews
    from services.notify.settings import NotifySettings

    settings = load(NotifySettings, _settings(os.environ))
    sampling = Sampling(currency=settings.currency, now=datetime.now(settings.formats.time_zone))
    try:
        previews = write_previews(folder, settings.composer, sampling)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    for preview in previews:
        click.echo(f"{preview.kind}: {preview.subject}")
    click.echo(f"{len(previews)} e-mails are in {folder}; open {folder / INDEX}")


def _settings(environ: Mapping[str, str]) -> dict[str, str]:
    """What `environ` says; without a broker the demo's business stands in for what is not set."""
    given = {name: value for name, value in environ.items() if value}
    example = {} if is_distributed(environ) else {**GREEN_ACRES, "PORCHLIGHT_PORTAL_URL": "http://127.0.0.1:8000"}
    return {**_NOT_USED, **example, **given}
