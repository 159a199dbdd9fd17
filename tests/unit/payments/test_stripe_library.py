"""What payments loads of Stripe's library."""

import subprocess
import sys

LOADED = "import sys, services.payments.service; print(sorted({'stripe', 'aiohttp'} & set(sys.modules)))"


def test_no_asynchronous_client_is_loaded_and_others_may_load_theirs():
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "['stripe']"
    aiohttp_after = "import services.payments.service, aiohttp; print(aiohttp.ClientSession.__name__)"
    after = subprocess.run([sys.executable, "-c", aiohttp_after], capture_output=True, text=True, check=True)
    assert after.stdout.strip() == "ClientSession"
