"""Where a visitor may be sent: within the portal only."""

from urllib.parse import urlsplit

_LONGEST = 512


def local_path(target: str | None) -> str | None:
    """`target` if it is a path of this portal, with its query, else None.

    Browsers read `//host`, `/\\host` and control characters before a scheme as other hosts: all are refused.
    """
    if not target or len(target) > _LONGEST or not target.startswith("/"):
        return None
    if target.startswith("//") or "\\" in target or any(not sign.isprintable() or sign == " " for sign in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target
