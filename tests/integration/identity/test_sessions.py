import threading

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select, update

from contracts import codes
from contracts.wire import Refused
from services.identity.domain.throttling import ACCOUNT, IP_ADDRESS
from services.identity.models import LogIn, LogInTries, SignedIn
from services.identity.operations import upkeep
from tests.support.identity import GOOD_PASSWORD, Identity, cheap_vault


def refused_with(code):
    return pytest.raises(Refused, match=rf"\({code}\)$")


@pytest.fixture
def ana(identity: Identity) -> str:
    """A customer with a log-in; her id."""
    customer_id = identity.customer("ana@example.com", reference="A-1")
    identity.sign_up("ana@example.com")
    return customer_id


def test_logging_in_opens_a_session_whatever_the_capitals(identity, ana):
    opened = identity.log_in(" Ana@Example.COM ")
    session = identity.check(opened.session_token, ana)
    assert session == opened.session
    assert (session.customer_id, session.email, session.name, session.reference) == (
        ana,
        "ana@example.com",
        "Ana Lima",
        "A-1",
    )


def test_unknown_address_and_wrong_password_look_the_same(identity, ana):
    refusals = []
    for email, password in [
        ("ana@example.com", "not the password"),
        ("nobody@example.com", GOOD_PASSWORD),
        ("no address", GOOD_PASSWORD),
        ("ana@example.com", "x" * 100_000),
        ("ana@example.com", ""),
    ]:
        with pytest.raises(Refused) as refusal:
            identity.log_in(email, password)
        refusals.append((refusal.value.code, refusal.value.message, refusal.value.details))
    assert set(map(str, refusals)) == {str(refusals[0])}
    assert refusals[0][0] == codes.WRONG_CREDENTIALS


def test_an_unknown_address_costs_a_verification_too(identity, ana):
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash, password):
            Counting.verified += 1
            return super().verify(hash, password)

    identity.vault = cheap_vault(Counting(time_cost=1, memory_cost=8, parallelism=1))
    for email in ("ana@example.com", "nobody@example.com", "no address"):
        with pytest.raises(Refused):
            identity.log_in(email, "not the password")
    assert Counting.verified == 3


def test_the_database_keeps_no_session_token_and_no_password(identity, ana):
    token = identity.log_in("ana@example.com").session_token
    with identity.database.read() as session:
        rows = str([vars(row) for model in (SignedIn, LogIn) for row in session.scalars(select(model))])
    assert token not in rows
    assert GOOD_PASSWORD not in rows


def test_an_old_hash_is_made_anew_at_log_in(identity, ana):
    with identity.database.read() as session:
        old = session.scalar(select(LogIn.password_hash))
    identity.vault = cheap_vault(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    identity.log_in("ana@example.com")
    with identity.database.read() as session:
        new = session.scalar(select(LogIn.password_hash))
    assert "m=8,t=1" in old
    assert "m=16,t=2" in new
    identity.log_in("ana@example.com")


def test_a_session_ends_after_a_while_without_pages(identity, ana):
    token = identity.log_in("ana@example.com").session_token
    for _ in range(3):
        identity.later(minutes=119)
        identity.check(token, ana)
    identity.later(minutes=120)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)


def test_a_session_ends_at_the_latest_after_its_longest_life(identity, ana):
    opened = identity.log_in("ana@example.com")
    for _ in range(11):
        identity.later(hours=1)
        assert identity.check(opened.session_token, ana).expires_at > identity.now
    identity.later(hours=1)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(opened.session_token, ana)


def test_checking_is_one_query_and_writes_at_most_once_a_minute(identity: Identity, ana):
    token = identity.log_in("ana@example.com").session_token
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement.split()[0])

    for engine in (identity.database.engine, identity.database._read_engine):
        event.listen(engine, "before_cursor_execute", note)
    for _ in range(5):
        identity.later(seconds=11)
        identity.check(token, ana)
    assert statements.count("SELECT") == 5
    assert "UPDATE" not in statements
    statements.clear()
    identity.later(seconds=5)
    identity.check(token, ana)
    identity.check(token, ana)
    assert statements.count("UPDATE") == 1


def test_logging_out_ends_the_session_and_can_be_repeated(identity, ana):
    token = identity.log_in("ana@example.com").session_token
    other = identity.log_in("ana@example.com").session_token
    identity.log_out(token)
    identity.log_out(token)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)
    identity.check(other, ana)


def test_a_new_password_ends_every_session(identity, ana):
    tokens = [identity.log_in("ana@example.com").session_token for _ in range(3)]
    identity.set_password(identity.link_for("ana@example.com", "reset"), "nine-ducks-by-the-pond")
    for token in tokens:
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.check(token, ana)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("ana@example.com", GOOD_PASSWORD)
    identity.log_in("ana@example.com", "nine-ducks-by-the-pond")


def test_a_changed_address_ends_sessions_and_the_old_log_in(identity, ana):
    token = identity.log_in("ana@example.com").session_token
    identity.customer("ana.lima@example.com", reference="A-1")
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)
    for email in ("ana@example.com", "ana.lima@example.com"):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in(email)
    identity.customer("ana@example.com", reference="A-1")
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("ana@example.com")


def test_a_changed_address_leaves_the_others_of_the_log_in_their_account(identity, ana):
    second = identity.customer("ana@example.com", reference="A-2")
    token = identity.log_in("ana@example.com").session_token
    identity.customer("tenant@example.com", reference="A-1")
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)
    opened = identity.log_in("ana@example.com")
    assert [account.customer_id for account in opened.session.accounts] == [second]


def test_another_spelling_of_the_address_ends_nothing(identity, ana):
    token = identity.log_in("ana@example.com").session_token
    identity.customer("Ana@Example.com", reference="A-1")
    assert identity.check(token, ana).email == "Ana@example.com"


def test_a_cookie_that_names_another_account_opens_nothing(identity, ana):
    token = identity.log_in("ana@example.com").session_token
    stranger = identity.customer("bo@example.com")
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, stranger)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check("x" * 43, ana)


def test_a_landlord_switches_between_own_accounts_only(identity, ana):
    second = identity.customer("ana@example.com", name="12 Oak Ave", reference="A-2")
    stranger = identity.customer("bo@example.com")
    token = identity.log_in("ana@example.com").session_token
    assert identity.switch(token, second).customer_id == second
    assert identity.check(token, second).name == "12 Oak Ave"
    with refused_with(codes.NOT_FOUND):
        identity.switch(token, stranger)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, stranger)
    assert identity.check(token, second).customer_id == second


def test_a_cookie_from_before_a_switch_is_good_for_its_own_account_and_for_the_same_switch(identity, ana):
    second = identity.customer("ana@example.com", name="12 Oak Ave", reference="A-2")
    token = identity.log_in("ana@example.com").session_token
    switched = identity.switch(token, second)
    # The browser never hears of it: its cookie names the former account.
    assert (identity.check(token, ana).customer_id, identity.check(token, ana).name) == (ana, "Ana Lima")
    assert identity.switch(token, second) == switched
    assert identity.check(token, second) == switched


def test_an_account_that_the_address_lost_is_not_switched_back_to_by_an_old_cookie(identity, ana):
    second = identity.customer("ana@example.com", reference="A-2")
    token = identity.log_in("ana@example.com").session_token
    identity.switch(token, second)
    identity.customer("new@example.com", reference="A-1")
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)
    again = identity.log_in("ana@example.com").session_token
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(again, ana)
    with refused_with(codes.NOT_FOUND):
        identity.switch(again, ana)


def test_wrong_passwords_make_the_next_try_wait_longer_each_time(identity, ana):
    for _ in range(ACCOUNT.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in("ana@example.com", "wrong")
    waits = []
    for _ in range(4):
        with pytest.raises(Refused) as refusal:
            identity.log_in("ana@example.com")
        assert refusal.value.code == codes.THROTTLED
        waits.append(refusal.value.details["retry_after_s"])
        identity.later(seconds=waits[-1])
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in("ana@example.com", "wrong")
    assert waits == [10, 20, 40, 80]


def test_a_right_password_after_the_wait_forgives_the_wrong_ones(identity, ana):
    for _ in range(ACCOUNT.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in("ana@example.com", "wrong")
    identity.later(seconds=10)
    for _ in range(10):
        identity.log_in("ana@example.com")


def test_an_unknown_address_is_throttled_alike(identity, ana):
    for _ in range(ACCOUNT.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in("nobody@example.com")
    with refused_with(codes.THROTTLED):
        identity.log_in("nobody@example.com")


def test_one_network_trying_many_addresses_is_throttled(identity, ana):
    for number in range(IP_ADDRESS.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in(f"nobody{number}@example.com", ip_address="192.0.2.1")
    with refused_with(codes.THROTTLED):
        identity.log_in("ana@example.com", ip_address="192.0.2.1")
    identity.log_in("ana@example.com", ip_address="192.0.2.2")


def test_customers_behind_one_network_do_not_lock_each_other_out(identity, ana):
    for _ in range(IP_ADDRESS.free_tries * 2):
        identity.log_in("ana@example.com", ip_address="192.0.2.1")


def test_guesses_made_at_once_are_all_counted(identity, ana):
    outcomes: list[str] = []

    def guess():
        try:
            identity.log_in("ana@example.com", "wrong")
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(codes.WRONG_CREDENTIALS) == ACCOUNT.free_tries
    assert outcomes.count(codes.THROTTLED) == 12 - ACCOUNT.free_tries


def test_a_reset_lets_the_owner_in_at_once(identity, ana):
    for _ in range(ACCOUNT.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.log_in("ana@example.com", "wrong")
    identity.set_password(identity.link_for("ana@example.com", "reset"), "nine-ducks-by-the-pond")
    identity.log_in("ana@example.com", "nine-ducks-by-the-pond")


def test_a_password_changed_during_the_log_in_opens_no_session(identity: Identity, ana):
    class Interrupted(PasswordHasher):
        def verify(self, hash, password):
            matches = super().verify(hash, password)
            with identity.database.transaction() as session:
                session.execute(update(LogIn).values(password_hash="another"))
            return matches

    identity.vault = cheap_vault(Interrupted(time_cost=1, memory_cost=8, parallelism=1))
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("ana@example.com")


def test_what_is_over_is_removed(identity: Identity, ana):
    identity.log_in("ana@example.com")
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("nobody@example.com")
    identity.later(days=2)
    kept = identity.log_in("ana@example.com").session_token
    with identity.database.transaction() as session:
        upkeep.remove_what_is_over(session, life=identity.life, now=identity.now)
    with identity.database.read() as session:
        assert len(session.scalars(select(SignedIn)).all()) == 1
        assert session.scalars(select(LogInTries)).all() == []
    identity.check(kept, ana)
