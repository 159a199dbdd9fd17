import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from contracts import codes
from contracts import identity as wire
from contracts.wire import Refused
from services.identity.domain import links as link_rules
from services.identity.models import Link
from services.identity.operations import links
from tests.support.identity import GOOD_PASSWORD, LINK_SECRET, Identity


def refused_with(code):
    return pytest.raises(Refused, match=rf"\({code}\)$")


def test_an_address_on_file_gets_a_link_and_any_other_none(identity):
    customer_id = identity.customer("Ana.Lima@Example.com")
    identity.request("ana.lima@example.com")
    identity.request("nobody@example.com")
    (event,) = identity.events(wire.LinkIssued)
    assert (event.email, event.name, event.purpose) == ("Ana.Lima@example.com", "Ana Lima", "sign_up")
    assert event.customer_ids == [customer_id]
    assert event.expires_at == identity.now + timedelta(minutes=60)


def test_asking_does_the_same_work_for_any_address(identity: Identity):
    """Counted in statements: nothing is looked up before the answer."""
    identity.customer("ana@example.com")
    statements: dict[str, list[str]] = {}
    for email in ("ana@example.com", "nobody@example.com"):
        seen = statements.setdefault(email, [])
        with identity.database.transaction() as session:
            connection = session.connection()

            def note(_conn, _cursor, statement, *_rest, seen=seen):
                seen.append(statement)

            event.listen(connection, "before_cursor_execute", note)
            command = wire.RequestLink(email=email, purpose="sign_up", ip_address="192.0.2.1")
            assert links.request_link(session, command, now=identity.now) == wire.Done()
            session.flush()
    assert statements["ana@example.com"] == statements["nobody@example.com"] != []
    assert not any("customers" in statement for statement in statements["ana@example.com"])


def test_the_database_keeps_no_token(identity: Identity):
    identity.customer("ana@example.com")
    token = identity.link_for("ana@example.com")
    with identity.database.read() as session:
        link = session.scalars(select(Link)).one()
    assert len(token) == 43
    assert token not in str(vars(link))
    assert all(token not in str(event) for event in identity.events(wire.LinkIssued))


def test_looking_at_a_link_does_not_use_it_up(identity):
    identity.customer("ana@example.com")
    token = identity.link_for("ana@example.com")
    assert identity.inspect(token) == identity.inspect(token)
    assert identity.inspect(token).email == "ana@example.com"
    identity.set_password(token)


def test_a_link_works_once(identity):
    identity.customer("ana@example.com")
    token = identity.link_for("ana@example.com")
    identity.set_password(token)
    with refused_with(codes.LINK_NOT_VALID):
        identity.set_password(token, "another-password-altogether")
    with refused_with(codes.LINK_NOT_VALID):
        identity.inspect(token)
    identity.log_in("ana@example.com", GOOD_PASSWORD)


def test_of_several_who_use_a_link_at_once_one_succeeds(identity):
    identity.customer("ana@example.com")
    token = identity.link_for("ana@example.com")
    outcomes: dict[str, str] = {}

    def use(password):
        try:
            identity.set_password(token, password)
            outcomes[password] = "set"
        except Refused as refused:
            outcomes[password] = refused.code

    passwords = [f"geese-in-row-number-{number}" for number in range(6)]
    threads = [threading.Thread(target=use, args=(password,)) for password in passwords]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes.values()) == [codes.LINK_NOT_VALID] * 5 + ["set"]
    identity.log_in("ana@example.com", next(word for word, outcome in outcomes.items() if outcome == "set"))


def test_a_link_lives_60_minutes(identity):
    identity.customer("ana@example.com")
    token = identity.link_for("ana@example.com")
    identity.later(minutes=59, seconds=59)
    identity.inspect(token)
    identity.later(seconds=1)
    for use in (identity.inspect, identity.set_password):
        with refused_with(codes.LINK_NOT_VALID):
            use(token)


def test_a_new_link_replaces_the_older_one(identity):
    identity.customer("ana@example.com")
    older = identity.link_for("ana@example.com")
    newer = identity.link_for("ana@example.com")
    with refused_with(codes.LINK_NOT_VALID):
        identity.inspect(older)
    with refused_with(codes.LINK_NOT_VALID):
        identity.token_of(identity.events(wire.LinkIssued)[0])
    identity.set_password(newer)


def test_two_requests_handled_in_one_transaction_leave_one_link(identity: Identity):
    identity.customer("ana@example.com")
    with identity.database.transaction() as session:
        for _ in range(2):
            command = wire.RequestLink(email="ana@example.com", purpose="reset")
            links.request_link(session, command, now=identity.now)
    with identity.database.transaction() as session, session.no_autoflush:
        for requested in identity.events(wire.LinkRequested):
            links.issue_link(session, requested, now=identity.now, link_secret=LINK_SECRET)
    with identity.database.read() as session:
        ended = [link.ended_at is not None for link in session.scalars(select(Link).order_by(Link.link_id))]
    assert ended == [True, False]


def test_whatever_was_asked_for_the_link_that_helps_is_sent(identity):
    identity.customer("ana@example.com")
    identity.request("ana@example.com", "reset")
    identity.sign_up("ana@example.com")
    identity.request("ana@example.com", "sign_up")
    assert [event.purpose for event in identity.events(wire.LinkIssued)] == ["sign_up", "sign_up", "reset"]


def test_one_link_makes_one_log_in_for_all_accounts_of_the_address(identity):
    ids = [identity.customer("Ana@example.com"), identity.customer("ana@EXAMPLE.com"), identity.customer("b@c.example")]
    identity.request("ana@example.com")
    (event,) = identity.events(wire.LinkIssued)
    assert event.customer_ids == ids[:2]
    identity.set_password(identity.token_of(event))
    opened = identity.log_in("ana@example.com")
    assert [account.customer_id for account in opened.session.accounts] == ids[:2]


def test_a_weak_password_leaves_the_link_usable(identity):
    identity.customer("ana@example.com")
    token = identity.link_for("ana@example.com")
    for password in ("short", "password1", "ana@example.com"):
        with refused_with(codes.PASSWORD_TOO_WEAK):
            identity.set_password(token, password)
    identity.set_password(token)


def test_a_changed_address_ends_its_links(identity):
    identity.customer("ana@example.com", reference="A-1")
    token = identity.link_for("ana@example.com")
    identity.customer("other@example.com", reference="A-1")
    for use in (identity.inspect, identity.set_password):
        with refused_with(codes.LINK_NOT_VALID):
            use(token)


def test_too_many_requests_for_an_address_stay_silent(identity):
    identity.customer("ana@example.com")
    for _ in range(link_rules.MOST_LINKS_PER_ADDRESS + 3):
        identity.request("ana@example.com")
    assert len(identity.events(wire.LinkIssued)) == link_rules.MOST_LINKS_PER_ADDRESS
    identity.later(minutes=61)
    identity.request("ana@example.com")
    assert len(identity.events(wire.LinkIssued)) == link_rules.MOST_LINKS_PER_ADDRESS + 1


def test_too_many_requests_from_one_network_are_not_looked_at(identity: Identity):
    identity.customer("ana@example.com")
    with identity.database.transaction() as session:
        for number in range(link_rules.MOST_REQUESTS_PER_NETWORK):
            command = wire.RequestLink(
                email=f"nobody{number}@example.com", purpose="reset", ip_address=f"2001:db8::{number:x}"
            )
            assert links.request_link(session, command, now=identity.now) == wire.Done()
    identity.request("ana@example.com", ip_address="2001:db8::ffff")
    assert identity.events(wire.LinkIssued) == []
    identity.request("ana@example.com", ip_address="2001:db8:0:1::1")
    assert len(identity.events(wire.LinkIssued)) == 1


def test_a_request_that_waited_too_long_is_forgotten(identity: Identity):
    identity.customer("ana@example.com")
    with identity.database.transaction() as session:
        links.request_link(session, wire.RequestLink(email="ana@example.com", purpose="reset"), now=identity.now)
    identity.later(minutes=60)
    with identity.database.transaction() as session:
        (event,) = identity.events(wire.LinkRequested)
        links.issue_link(session, event, now=identity.now, link_secret=LINK_SECRET)
    assert identity.events(wire.LinkIssued) == []


def test_no_address_at_all_is_told_so(identity):
    with refused_with(codes.INVALID):
        identity.request("ana@")


@pytest.mark.parametrize("token", ["", "x", "é" * 300, "\x00", "A" * 43])
def test_an_invented_token_opens_nothing(identity, token):
    with refused_with(codes.LINK_NOT_VALID):
        identity.inspect(token)
    with refused_with(codes.LINK_NOT_VALID):
        identity.set_password(token)


def test_a_changed_link_secret_makes_no_dead_links(identity: Identity):
    identity.customer("ana@example.com")
    identity.request("ana@example.com")
    (event,) = identity.events(wire.LinkIssued)
    with identity.database.read() as session, refused_with(codes.LINK_NOT_VALID):
        links.read_link_token(
            session, wire.ReadLinkToken(link_id=event.link_id), now=identity.now, link_secret="another-secret-4711"
        )
