"""The business's logo: a picture that every mail program can show, small enough to travel with each e-mail."""

from dataclasses import dataclass

LARGEST_BYTES = 100_000
_SIGNS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}


class BadLogo(ValueError):
    """The file cannot be used; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Logo:
    """The picture and its media subtype: `png`, `jpeg` or `gif`."""

    content: bytes
    subtype: str


def recognized(content: bytes) -> Logo:
    """The picture, by its first bytes. Raises BadLogo."""
    if len(content) > LARGEST_BYTES:
        raise BadLogo(f"it has more than {LARGEST_BYTES // 1000} kB, which would travel with every e-mail")
    for sign, subtype in _SIGNS.items():
        if content.startswith(sign):
            return Logo(content=content, subtype=subtype)
    raise BadLogo("it is not a PNG, JPEG or GIF picture")
