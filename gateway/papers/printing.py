"""Has a paper set by a process of its own: off this one's interpreter lock and event loop, and out of its memory."""

import json
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.log import log
from gateway.papers import fonts

LONGEST_S = 10.0
AT_ONCE = 2
"""Papers that one process of the gateway sets at a time; others wait for a little, then are told to come again."""

LONGEST_WAIT_S = 5.0

_HERE = Path(__file__).parent
_presses = threading.BoundedSemaphore(AT_ONCE)


class PaperUnavailable(Exception):
    """The paper could not be set just now; nothing is wrong with what it shows."""


def print_paper(template: str, data: dict[str, Any], *, made_at: datetime) -> bytes:
    """The PDF that the template `<template>.typ` makes of `data`, which is text, numbers, lists and dicts of them.

    Text is set as it is: nothing in it is read as markup. Raises PaperUnavailable.
    """
    job = {
        "template": str(_HERE / f"{template}.typ"),
        "fonts": str(fonts.folder()),
        "made_at_s": int(made_at.timestamp()),
        "data": fonts.drawable_throughout(data),
    }
    if not _presses.acquire(timeout=LONGEST_WAIT_S):
        log.warning("paper_waited_too_long", template=template)
        raise PaperUnavailable
    try:
        return _run(job, template)
    finally:
        _presses.release()


def _run(job: dict[str, Any], template: str) -> bytes:
    # -I: neither the environment nor the folder it was started in decides what is imported.
    command = [sys.executable, "-I", str(_HERE / "press.py")]
    try:
        done = subprocess.run(
            command, input=json.dumps(job).encode(), capture_output=True, timeout=LONGEST_S, check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        log.error("paper_not_set", template=template, reason=str(error))
        raise PaperUnavailable from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        log.error("paper_not_set", template=template, reason=done.stderr.decode(errors="replace")[-2000:])
        raise PaperUnavailable
    return done.stdout
