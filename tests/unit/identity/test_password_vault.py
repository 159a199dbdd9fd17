import time
from statistics import median

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
    vault = PasswordVault()
    assert vault.verify(vault.hash("seven-geese-in-a-row"), "seven-geese-in-a-row")


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
