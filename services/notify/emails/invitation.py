"""The file with the invitation's words: the product's own, or the business's."""

from pathlib import Path

from services.notify.domain.invitation_text import BrokenText, InvitationText, read

OURS = Path(__file__).parent / "invitation.txt"
_MOST_BYTES = 100_000


def check(path: str) -> None:
    """Raise ValueError, saying what is wrong and where, unless the file at `path` can be sent."""
    load(path)


def load(path: str) -> InvitationText:
    """Read the file at `path`; ours where it is empty. Raises ValueError."""
    file = Path(path) if path else OURS
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise BrokenText(f"it has more than {_MOST_BYTES} bytes")
        return read(raw.decode("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not text in UTF-8") from None
    except BrokenText as error:
        raise ValueError(f"{file} cannot be sent: {error}") from error
