"""The `stripe` library, taken in without aiohttp, on which it would build its asynchronous clients.

Nothing here is asynchronous; aiohttp (which is installed for another library) would cost each process 7 MB and
a fifth of a second at the start.
"""

import sys

_ABSENT = "aiohttp"

_loaded = sys.modules.get(_ABSENT)
sys.modules[_ABSENT] = None  # type: ignore[assignment]  # as the import system has it: not to be found
try:
    import stripe as stripe
finally:
    if _loaded is None:
        del sys.modules[_ABSENT]
    else:
        sys.modules[_ABSENT] = _loaded
