import subprocess
import sys
import time
from statistics import median

import eventlet
from argon2 import PasswordHasher

from services.identity.operations.password_hashing import PasswordVault, argon2id
from tests.support.identity import cheap_vault


def test_hashes_are_argon2id_with_19_mib_and_two_passes():
    vault = PasswordVault(run=lambda function, *arguments: function(*arguments))
    password_hash = vault.hash("seven-geese-in-a-row")
    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert vault.verify(password_hash, "seven-geese-in-a-row")
    assert not vault.verify(password_hash, "seven-geese-in-a-roW")


def test_hashing_leaves_the_hub_to_others():
    turns = []

    def take_turns():
        while True:
            turns.append("mine")
            eventlet.sleep(0)

    other = eventlet.spawn(take_turns)
    PasswordVault().hash("seven-geese-in-a-row")
    assert turns
    other.kill()


def test_without_a_hash_nothing_matches_after_the_same_work():
    vault = PasswordVault(run=lambda function, *arguments: function(*arguments))
    known = vault.hash("seven-geese-in-a-row")
    assert not vault.verify(None, "seven-geese-in-a-row")
    with_hash, without = [], []
    for _ in range(5):
        with_hash.append(_seconds(lambda: vault.verify(known, "another password")))
        without.append(_seconds(lambda: vault.verify(None, "another password")))
    assert 0.5 < median(without) / median(with_hash) < 2.0


def test_a_damaged_hash_matches_nothing():
    assert not cheap_vault().verify("$argon2id$broken", "seven-geese-in-a-row")


def test_a_hash_of_other_parameters_is_outdated():
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("seven-geese-in-a-row")
    vault = PasswordVault(argon2id(), run=lambda function, *arguments: function(*arguments))
    assert vault.is_outdated(old)
    assert not vault.is_outdated(vault.hash("seven-geese-in-a-row"))


def _seconds(work) -> float:
    # Of computing, not of the clock on the wall: a busy machine says nothing about the work.
    start = time.process_time()
    work()
    return time.process_time() - start


HASH_IN_MANY_THREADS = """
import resource, threading
from services.identity.operations.password_hashing import PasswordVault
vault = PasswordVault(run=lambda function, *arguments: function(*arguments), at_once=2)
vault.hash("first of all")
threads = [threading.Thread(target=lambda: [vault.hash("again") for _ in range(3)]) for _ in range(16)]
before = int(open("/proc/self/statm").read().split()[1])
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print((int(open("/proc/self/statm").read().split()[1]) - before) * resource.getpagesize() // 2**20)
"""


def test_the_memory_of_hashing_is_given_back():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HASH_IN_MANY_THREADS],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert int(done.stdout) < 40
