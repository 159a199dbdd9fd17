"""The product's own invitation as a file of the business's, to be changed."""

from pathlib import Path

import click

from services.notify.emails import invitation


def write_ours(file: Path) -> None:
    """Write it. Raises ClickException where a file is there already: it may be the business's own."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(invitation.OURS.read_text(encoding="utf-8"))
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; it is not overwritten") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
