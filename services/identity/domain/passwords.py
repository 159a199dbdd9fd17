"""Which passwords may be used (NIST SP 800-63B §5.1.1.2: length and a list, no composition rules)."""

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path

SHORTEST = 8
LONGEST = 256
_DISTINCT_CHARACTERS = 2


class WeakPassword(ValueError):
    """Not a password to rely on; the message tells the customer why."""


def normalized(password: str) -> str:
    """One form for what looks the same, whatever keyboard it was typed on (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, email: str) -> None:
    """Return if the customer with the address `email` may use this password; raise `WeakPassword` if not."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"Please use at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise WeakPassword(f"Please use at most {LONGEST} characters.")
    folded = password.casefold().strip()
    if len(set(folded)) <= _DISTINCT_CHARACTERS or folded in common_passwords():
        raise WeakPassword("Too many people use this password. Please choose another one.")
    if folded in (email.casefold(), email.casefold().partition("@")[0]):
        raise WeakPassword("Please choose a password that is not your e-mail address.")


@cache
def common_passwords() -> frozenset[str]:
    """The passwords of 8 and more characters that most people use, in small letters, from the package zxcvbn."""
    # The package's file of lists is read without the package: importing that would build tables for scoring
    # and keep 15 MB in memory for them.
    package = importlib.util.find_spec("zxcvbn")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the package zxcvbn, which holds the common passwords, is not installed")
    lists_file = Path(package.submodule_search_locations[0]) / "frequency_lists.py"
    spec = importlib.util.spec_from_file_location("_zxcvbn_frequency_lists", lists_file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{lists_file} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return frozenset(word.casefold() for word in module.FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)
