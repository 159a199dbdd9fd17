"""The command `porchlight`."""

import os
import sys


def main() -> None:
    """Run the command; exits 0, 1 with one line saying what is wrong, 2 when it was called wrongly, 130 at Ctrl-C."""
    if not os.environ.get("PORCHLIGHT_BROKER_URL") and sys.argv[1:2] != ["up"]:
        # The embedded mode runs the services in this very process: patched before anything else is imported.
        from chassis import monkey

        monkey.patch()
    try:
        from porchlight.cli import run

        sys.exit(run())
    except KeyboardInterrupt:
        # Before the command had begun, or once more while it was stopping.
        sys.exit(130)


if __name__ == "__main__":
    main()
