"""What a text from a phone means: one of the words everybody knows, or something for people to read."""

import re
import unicodedata
from typing import Literal

Meaning = Literal["stop", "start", "help", "other"]

_STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
)
_START = frozenset({"start", "unstop", "yes"})
_HELP = frozenset({"help", "info"})
_CARRIERS_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_WORD = re.compile(r"[^\W_]+")


def meaning_of(body: str) -> Meaning:
    """Read a whole text: "Stop!", " opt-out. " and "STOP" are the same.

    A word amid others is left to people: "cancel my visit on Tuesday" is not the end of all texts.
    """
    words = " ".join(_WORD.findall(unicodedata.normalize("NFKC", body).casefold()))
    if words in _STOP:
        return "stop"
    if words in _START:
        return "start"
    return "help" if words in _HELP else "other"


def is_carriers_stop(body: str) -> bool:
    """Whether the carrier takes this text for STOP as well, and refuses our texts from now on.

    Source: Twilio's documentation, "Twilio support for opt-out keywords": the word alone, in any case.
    """
    return body.strip().upper() in _CARRIERS_STOP
