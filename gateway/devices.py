"""What a browser calls itself, in words that its owner knows: "Firefox on Windows"."""

from functools import lru_cache

_KEPT = 256
_UNKNOWN = "Unknown browser"


@lru_cache(_KEPT)
def device_name(user_agent: str) -> str:
    """The browser and the system that a User-Agent header names, as far as it names any."""
    # Imported here: its rules take a fifth of a second to load, and one page needs them.
    from ua_parser import parse

    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    browser = browser.removeprefix("Mobile ").removesuffix(" Mobile")
    return " on ".join(each for each in (browser, system) if each) or _UNKNOWN
