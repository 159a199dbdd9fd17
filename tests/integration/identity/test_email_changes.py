import threading

import pytest

from contracts import codes
from contracts import identity as wire
from contracts.wire import Refused
from services.identity.domain import links as link_rules
from services.identity.domain.throttling import ACCOUNT
from services.identity.operations import email_changes
from tests.support.identity import GOOD_PASSWORD, Identity, refused_with

NEW = "Ana.Lima@Example.org"


@pytest.fixture
def ana(identity: Identity) -> str:
    """A customer with a log-in; her id."""
    customer_id = identity.customer("ana@example.com", reference="A-1")
    identity.sign_up("ana@example.com")
    return customer_id


@pytest.fixture
def token(identity: Identity, ana: str) -> str:
    """Her session."""
    return identity.log_in("ana@example.com").session_token


def link_to(identity, token, customer_id, email=NEW):
    identity.ask_for_email(token, customer_id, email)
    return identity.token_of(identity.events(wire.LinkIssued)[-1])


def test_nothing_changes_before_the_link_is_used(identity, ana, token):
    link = link_to(identity, token, ana)
    with identity.database.read() as session:
        view = email_changes.inspect_email_change(session, wire.InspectEmailChange(token=link), now=identity.now)
    assert view.new_email == "Ana.Lima@example.org"
    assert identity.view(ana).email == "ana@example.com"
    assert identity.profile(token, ana).email_change == view
    assert identity.check(token, ana).email == "ana@example.com"


def test_the_link_goes_to_the_new_address_and_a_notice_to_the_old_one(identity, ana, token):
    link_to(identity, token, ana)
    issued, asked = identity.events(wire.LinkIssued)[-1], identity.events(wire.EmailChangeRequested)[-1]
    assert (issued.email, issued.purpose) == ("Ana.Lima@example.org", "email_change")
    assert (asked.email, asked.new_email, asked.customer_ids) == ("ana@example.com", "Ana.Lima@example.org", [ana])


def test_the_new_address_lets_in_with_the_same_password_and_every_session_ends(identity, ana, token):
    identity.confirm_email(link_to(identity, token, ana))
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("ana@example.com")
    assert identity.log_in("ana.lima@example.org").session.customer_id == ana
    contact, changed = identity.events(wire.ContactChanged)[-1], identity.events(wire.EmailChanged)[-1]
    assert (contact.email, contact.version, contact.origin) == ("Ana.Lima@example.org", 2, "portal")
    assert (changed.former_email, changed.email) == ("ana@example.com", "Ana.Lima@example.org")


def test_every_account_of_the_log_in_moves_together(identity, ana, token):
    lake = identity.customer("ana@example.com", name="Ana Lima, lake house", reference="A-2")
    assert identity.profile(token, ana).shared_with == ["Ana Lima, lake house"]
    identity.confirm_email(link_to(identity, token, ana))
    session = identity.log_in(NEW).session
    assert [account.customer_id for account in session.accounts] == [ana, lake]


def test_the_accounts_join_the_log_in_that_the_new_address_has(identity, ana, token):
    bo = identity.customer("bo@example.com", name="Bo Chen", reference="B-1")
    identity.sign_up("bo@example.com", "bo mows at dawn")
    bos = identity.log_in("bo@example.com", "bo mows at dawn").session_token
    identity.confirm_email(link_to(identity, token, ana, "bo@example.com"))
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(token, ana)
    assert identity.check(bos, bo).customer_id == bo
    assert identity.check(bos, ana).customer_id == ana
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("bo@example.com", GOOD_PASSWORD)


def test_the_answer_is_the_same_whether_or_not_the_new_address_is_on_file(identity, ana, token):
    identity.customer("bo@example.com", name="Bo Chen")
    identity.ask_for_email(token, ana, "bo@example.com")
    identity.ask_for_email(token, ana, "nobody@example.com")
    assert [event.email for event in identity.events(wire.LinkIssued)[-2:]] == ["bo@example.com", "nobody@example.com"]


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "a b@example.com", "x" * 250 + "@example.com", "ana@example\x00.com"]
)
def test_what_is_no_address_is_refused_at_its_field(identity, ana, token, email):
    with refused_with(codes.INVALID, "email"):
        identity.ask_for_email(token, ana, email)


def test_the_present_address_is_no_new_one(identity, ana, token):
    with refused_with(codes.INVALID, "email"):
        identity.ask_for_email(token, ana, "ANA@example.com")


def test_the_password_is_asked_again_and_guessing_is_throttled(identity, ana, token):
    for _ in range(ACCOUNT.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS, "password"):
            identity.ask_for_email(token, ana, NEW, "not the password")
    with refused_with(codes.THROTTLED):
        identity.ask_for_email(token, ana, NEW)
    assert not identity.events(wire.EmailChangeRequested)


def test_only_so_many_links_an_hour(identity, ana, token):
    for number in range(link_rules.MOST_LINKS_PER_ADDRESS):
        identity.ask_for_email(token, ana, f"ana{number}@example.org")
    with refused_with(codes.THROTTLED):
        identity.ask_for_email(token, ana, NEW)
    identity.later(hours=1, minutes=1)
    identity.ask_for_email(token, ana, NEW)


def test_a_link_works_once_and_not_for_long(identity, ana, token):
    link = link_to(identity, token, ana)
    identity.later(minutes=61)
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(link)
    link = link_to(identity, token, ana)
    identity.confirm_email(link)
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(link)


def test_a_newer_request_or_a_new_password_or_a_word_ends_the_link(identity, ana, token):
    former = link_to(identity, token, ana)
    link_to(identity, token, ana, "other@example.org")
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(former)
    link = link_to(identity, token, ana)
    identity.change_password(token, ana, GOOD_PASSWORD, "a lawn is never finished")
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(link)
    identity.ask_for_email(token, ana, NEW, "a lawn is never finished")
    link = identity.token_of(identity.events(wire.LinkIssued)[-1])
    with identity.database.transaction() as session:
        command = wire.WithdrawEmailChange(session_token=token, customer_id=ana)
        email_changes.withdraw_email_change(session, command, life=identity.life, now=identity.now)
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(link)


def test_a_change_by_the_business_ends_the_link(identity, ana, token):
    link = link_to(identity, token, ana)
    identity.import_rows(wire.CustomerRow(row=1, reference="A-1", email="ana@elsewhere.example"))
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(link)
    assert identity.view(ana).email == "ana@elsewhere.example"


def test_a_file_imported_again_does_not_bring_the_former_address_back(identity, ana, token):
    identity.confirm_email(link_to(identity, token, ana))
    identity.import_rows(wire.CustomerRow(row=1, reference="A-1", name="Ana Lima", email="ana@example.com"))
    assert identity.view(ana).email == "Ana.Lima@example.org"


def test_neither_kind_of_link_does_the_work_of_the_other(identity, ana, token):
    change = link_to(identity, token, ana)
    with refused_with(codes.LINK_NOT_VALID):
        identity.inspect(change)
    with refused_with(codes.LINK_NOT_VALID):
        identity.set_password(change, "a lawn is never finished")
    reset = identity.link_for("ana@example.com", "reset")
    with refused_with(codes.LINK_NOT_VALID):
        identity.confirm_email(reset)
    assert identity.view(ana).email == "ana@example.com"


def test_of_two_who_use_a_link_at_the_same_time_one_is_refused(identity, ana, token):
    link = link_to(identity, token, ana)
    outcomes = []

    def use():
        try:
            outcomes.append(identity.confirm_email(link).new_email)
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["Ana.Lima@example.org", codes.LINK_NOT_VALID]
    assert len(identity.events(wire.EmailChanged)) == 1


def test_whoever_asks_for_a_link_ends_no_change_that_waits(identity, ana, token):
    link = link_to(identity, token, ana)
    identity.request("ana@example.com", "reset")
    assert identity.confirm_email(link).new_email == "Ana.Lima@example.org"
