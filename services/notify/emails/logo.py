"""The file with the business's logo.

It is attached to each e-mail and shown from there (RFC 2392): a picture fetched from a server would tell that server
who reads what and when, and most mail programs would not show it.
"""

from pathlib import Path

from services.notify.domain.logos import LARGEST_BYTES, BadLogo, Logo, recognized


def check(path: str) -> None:
    """Raise ValueError unless the file at `path` is a picture that can be shown."""
    load(path)


def load(path: str) -> Logo | None:
    """The picture at `path`; None where no path is set. Raises ValueError."""
    if not path:
        return None
    try:
        with Path(path).open("rb") as opened:
            return recognized(opened.read(LARGEST_BYTES + 1))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except BadLogo as error:
        raise ValueError(f"{path} cannot be used: {error}") from error
