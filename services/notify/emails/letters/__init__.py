"""What each e-mail says: a module for each subject.

To add an e-mail: its name in `contracts.notify.MessageKind`, its facts in `domain/facts/`, two templates, and here a
module (or a place in one) that lists it in `KINDS`. Sending, lists of messages, `porchlight mail-preview` and the tests
of all e-mails find it by that.
"""

import pkgutil
from importlib import import_module

from contracts.notify import MessageKind
from services.notify.emails.letter import LetterKind


def _every_kind() -> dict[MessageKind, LetterKind]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return {each.kind: each for module in modules for each in module.KINDS}


KINDS: dict[MessageKind, LetterKind] = _every_kind()
