"""The command `porchlight`."""

import os
import signal
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command; exits 0, 1 with one line saying what is wrong, 2 when it was called wrongly, 130 at Ctrl-C."""
    interrupts = signal.getsignal(signal.SIGINT)
    if interrupts is signal.default_int_handler:
        # There is nothing to undo yet, and eventlet's patching would swallow a KeyboardInterrupt.
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    if not os.environ.get("PORCHLIGHT_BROKER_URL") and sys.argv[1:2] != ["up"]:
        # The embedded mode runs the services in this very process: patched before anything else is imported.
        from chassis import monkey

        monkey.patch()
    try:
        from porchlight.cli import run

        signal.signal(signal.SIGINT, interrupts)
        sys.exit(run())
    except KeyboardInterrupt:
        # Just before the command began, or once more while it was stopping.
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
