import pytest

from contracts import codes
from contracts import identity as wire
from services.identity.domain.throttling import ACCOUNT
from services.identity.operations import sessions
from tests.support.identity import GOOD_PASSWORD, Identity, refused_with


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


def test_the_profile_says_who_one_is_and_where_one_is_signed_in(identity, ana, token):
    identity.later(minutes=5)
    elsewhere = identity.log_in("ana@example.com", ip_address="192.0.2.7").session
    view = identity.profile(token, ana)
    assert (view.customer.name, view.customer.email, view.email_change) == ("Ana Lima", "ana@example.com", None)
    assert [(each.session_id == elsewhere.session_id, each.is_current) for each in view.sessions] == [
        (True, False),
        (False, True),
    ]
    assert view.sessions[0].ip_address == "192.0.2.7"
    identity.later(hours=1, minutes=58)
    third = identity.log_in("ana@example.com")
    # The first ran out; it waits for the upkeep and is not shown.
    assert [each.session_id for each in identity.profile(third.session_token, ana).sessions] == [
        third.session.session_id,
        elsewhere.session_id,
    ]


def test_nobody_sees_another_profile(identity, ana, token):
    bo = identity.customer("bo@example.com", name="Bo Chen")
    for wrong_token, customer_id in (("no session", ana), (token, bo)):
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.profile(wrong_token, customer_id)
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.change_contact(wrong_token, customer_id, name="Mallory")
    assert identity.view(bo).name == "Bo Chen"


def test_what_a_customer_changes_is_told_to_everybody_once(identity, ana, token):
    changed = identity.change_contact(token, ana, phone="(607) 555-0142", address="14 Elm St\nMaple Falls, NY 13902")
    assert (changed.phone, changed.address, changed.contact_version) == (
        "(607) 555-0142",
        "14 Elm St\nMaple Falls, NY 13902",
        2,
    )
    again = identity.change_contact(token, ana, phone="(607) 555-0142", based_on=1)
    assert again == changed
    events = identity.events(wire.ContactChanged)
    assert [(event.version, event.origin) for event in events] == [(1, "import"), (2, "portal")]
    removed = identity.change_contact(token, ana, phone="", address=" ")
    assert (removed.phone, removed.address) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", "x" * 201),
        ("name", "Ana\u202eamiL"),
        ("phone", "call me"),
        ("phone", "12345"),
        ("phone", "1" * 41),
        ("address", "x" * 501),
        ("address", "Elm St\x00"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(identity, ana, token, field, value):
    with refused_with(codes.INVALID, field):
        identity.change_contact(token, ana, **{field: value})
    assert identity.view(ana).contact_version == 1


def test_of_two_who_change_the_same_the_second_is_asked_to_look(identity, ana, token):
    identity.import_rows(wire.CustomerRow(row=1, reference="A-1", phone="555 123 4567"))
    with refused_with(codes.CONFLICT):
        identity.change_contact(token, ana, based_on=1, name="Ana Lima-Ruiz")
    assert identity.view(ana).name == "Ana Lima"


def test_a_file_imported_again_takes_back_nothing_that_the_customer_changed(identity, ana, token):
    file = wire.CustomerRow(row=1, reference="A-1", name="Ana Lima", email="ana@example.com", phone="555 123 4567")
    identity.import_rows(file)
    identity.change_contact(token, ana, phone="555 765 4321")
    assert identity.import_rows(file)[0].status == "unchanged"
    assert identity.view(ana).phone == "555 765 4321"
    # What is new in the file is news, also where the customer had changed something.
    identity.import_rows(wire.CustomerRow(row=1, reference="A-1", name="Ana Lima-Ruiz", phone="555 000 1111"))
    assert (identity.view(ana).name, identity.view(ana).phone) == ("Ana Lima-Ruiz", "555 000 1111")
    assert identity.import_rows(file)[0].status == "updated"
    assert identity.view(ana).phone == "555 123 4567"


def test_signing_out_everywhere_else_leaves_this_session(identity, ana, token):
    others = [identity.log_in("ana@example.com").session_token for _ in range(2)]
    bo = identity.customer("bo@example.com", name="Bo Chen")
    identity.sign_up("bo@example.com")
    bos = identity.log_in("bo@example.com").session_token
    command = wire.EndOtherSessions(session_token=token, customer_id=ana)
    with identity.database.transaction() as session:
        sessions.end_other_sessions(session, command, life=identity.life, now=identity.now)
    assert identity.check(token, ana).customer_id == ana
    assert identity.check(bos, bo).customer_id == bo
    for other in others:
        with refused_with(codes.WRONG_CREDENTIALS):
            identity.check(other, ana)


def test_a_session_is_ended_from_another_of_the_same_log_in_only(identity, ana, token):
    other = identity.log_in("ana@example.com")
    bo = identity.customer("bo@example.com", name="Bo Chen")
    identity.sign_up("bo@example.com")
    bos = identity.log_in("bo@example.com")

    def end(session_id):
        command = wire.EndSession(session_token=token, customer_id=ana, session_id=session_id)
        with identity.database.transaction() as session:
            sessions.end_session(session, command, life=identity.life, now=identity.now)

    end(bos.session.session_id)
    assert identity.check(bos.session_token, bo).customer_id == bo
    end(other.session.session_id)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(other.session_token, ana)


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(identity, ana, token):
    other = identity.log_in("ana@example.com").session_token
    link = identity.link_for("ana@example.com", "reset")
    with refused_with(codes.WRONG_CREDENTIALS, "current_password"):
        identity.change_password(token, ana, "not the password", "a lawn is never finished")
    with refused_with(codes.PASSWORD_TOO_WEAK, "new_password"):
        identity.change_password(token, ana, GOOD_PASSWORD, "short")
    identity.change_password(token, ana, GOOD_PASSWORD, "a lawn is never finished")
    assert identity.check(token, ana).customer_id == ana
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.check(other, ana)
    with refused_with(codes.LINK_NOT_VALID):
        identity.inspect(link)
    with refused_with(codes.WRONG_CREDENTIALS):
        identity.log_in("ana@example.com", GOOD_PASSWORD)
    identity.log_in("ana@example.com", "a lawn is never finished")
    assert [event.email for event in identity.events(wire.PasswordChanged)] == ["ana@example.com"]


def test_guessing_the_present_password_is_throttled_as_log_ins_are(identity, ana, token):
    for _ in range(ACCOUNT.free_tries):
        with refused_with(codes.WRONG_CREDENTIALS, "current_password"):
            identity.change_password(token, ana, "not the password", "a lawn is never finished")
    with refused_with(codes.THROTTLED):
        identity.change_password(token, ana, GOOD_PASSWORD, "a lawn is never finished")
    assert not identity.events(wire.PasswordChanged)


def test_a_password_chosen_with_a_link_is_told_only_where_there_was_one(identity, ana):
    assert not identity.events(wire.PasswordChanged)
    identity.set_password(identity.link_for("ana@example.com", "reset"), "a lawn is never finished")
    assert len(identity.events(wire.PasswordChanged)) == 1
