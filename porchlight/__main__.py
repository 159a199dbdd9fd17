"""The command `porchlight`."""

import os
import sys


def main() -> None:
    """Run the command; exits 0, or 1 with one line saying what is wrong."""
    if not os.environ.get("PORCHLIGHT_BROKER_URL") and sys.argv[1:2] != ["up"]:
        # The embedded mode runs the services in this very process: patched before anything else is imported.
        from chassis import monkey

        monkey.patch()
    from porchlight.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
