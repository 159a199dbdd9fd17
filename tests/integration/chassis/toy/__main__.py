"""`python -m tests.integration.chassis.toy '{"broker_url": …, "databases": {"books": …}, "folder": …}'`."""

import json
import logging
import sys

from chassis.monkey import patch

patch()

from tests.integration.chassis.toy.services import run  # noqa: E402 - patched first

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
run(json.loads(sys.argv[1]))
