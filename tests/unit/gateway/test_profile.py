"""Profile: every form goes to identity with this session, and comes back with what was typed when it is refused."""

import pytest

from contracts import codes, identity
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA, TOKEN

PASSWORD = "a lawn is never finished"


@pytest.fixture(autouse=True)
def answering(backend):
    backend.answers(identity.GetProfile, views.a_profile())
    for command in (identity.RequestEmailChange, identity.WithdrawEmailChange, identity.ChangePassword):
        backend.answers(command, identity.Done())
    backend.answers(identity.EndSession, identity.Done())
    backend.answers(identity.EndOtherSessions, identity.Done())
    backend.answers(identity.ChangeContact, views.a_profile().customer)


def test_the_page_is_one_round_of_calls(ana, backend):
    page = ana.get("/profile").text
    assert [set(gather) for gather in backend.gathers] == [{"session", "profile"}]
    assert not backend.calls
    assert backend.asked(identity.GetProfile)[0] == identity.GetProfile(session_token=TOKEN, customer_id=ANA)
    assert "Firefox on Windows" in page
    assert "Safari on iOS" in page
    assert 'value="Ana Whitfield"' in page
    assert TOKEN not in page


def test_details_are_saved_against_the_version_that_was_shown(ana, backend):
    answer = ana.submit(
        "/profile/details", page="/profile", name=" Ana W. ", phone="", address="1 Elm St", based_on_version="3"
    )
    assert (answer.status_code, answer.location) == (303, "/profile#details")
    assert backend.asked(identity.ChangeContact) == [
        identity.ChangeContact(
            session_token=TOKEN, customer_id=ANA, name="Ana W.", phone="", address="1 Elm St", based_on_version=3
        )
    ]
    assert "Your details are saved." in ana.get("/profile").text


@pytest.mark.parametrize("version", ["", "-1", "three", "٣", "9" * 5000])
def test_a_version_that_the_page_did_not_make_is_none(ana, backend, version):
    ana.submit("/profile/details", page="/profile", name="Ana", based_on_version=version)
    assert backend.asked(identity.ChangeContact)[0].based_on_version == 0


def test_what_identity_refuses_is_said_at_the_field_and_keeps_what_was_typed(ana, backend):
    backend.answers(identity.ChangeContact, Refused(codes.INVALID, "No number.", field="phone"))
    answer = ana.submit("/profile/details", page="/profile", name="Ana <b>", phone="call me", address="x")
    assert answer.status_code == 422
    assert "No number." in answer.text
    assert 'value="Ana &lt;b&gt;"' in answer.text
    assert 'value="call me"' in answer.text


def test_details_that_changed_meanwhile_are_looked_at_before_they_are_saved(ana, backend):
    backend.answers(identity.ChangeContact, Refused(codes.CONFLICT, "What is on file changed in the meantime."))
    answer = ana.submit("/profile/details", page="/profile", name="Ana Lima", based_on_version="2")
    assert answer.status_code == 409
    assert "changed in the meantime" in answer.text
    assert 'value="Ana Lima"' in answer.text
    assert 'name="based_on_version" value="3"' in answer.text


def test_a_wrong_password_is_said_at_its_field_and_signs_nobody_out(ana, backend):
    backend.answers(
        identity.RequestEmailChange,
        Refused(codes.WRONG_CREDENTIALS, "This is not your present password.", field="password"),
    )
    answer = ana.submit("/profile/email", page="/profile", new_email="ana@example.org", password="sesame-42")
    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    assert 'value="ana@example.org"' in answer.text
    assert "sesame-42" not in answer.text
    assert ana.get("/profile").status_code == 200


def test_the_services_word_for_the_new_address_is_said_at_its_field(ana, backend):
    backend.answers(identity.RequestEmailChange, Refused(codes.INVALID, "It is on file already.", field="email"))
    answer = ana.submit("/profile/email", page="/profile", new_email="ana@example.test", password=PASSWORD)
    assert (answer.status_code, "It is on file already." in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("details", {"name": ""}),
        ("details", {"name": "x" * 201}),
        ("details", {"name": "Ana", "phone": "1" * 41}),
        ("details", {"name": "Ana", "address": "x" * 501}),
        ("email", {"new_email": "nobody", "password": PASSWORD}),
        ("email", {"new_email": "ana@example.org", "password": ""}),
        ("password", {"current_password": PASSWORD, "new_password": "short", "new_again": "short"}),
        ("password", {"current_password": PASSWORD, "new_password": "long enough", "new_again": "something else"}),
        ("password", {"current_password": "", "new_password": "long enough", "new_again": "long enough"}),
        ("password", {"current_password": "x" * 257, "new_password": "long enough", "new_again": "long enough"}),
    ],
)
def test_what_the_page_can_see_is_wrong_asks_nobody(ana, backend, path, fields):
    answer = ana.submit(f"/profile/{path}", page="/profile", **fields)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not backend.calls


def test_a_session_that_is_over_leads_to_the_log_in(ana, backend):
    backend.answers(identity.ChangePassword, Refused(codes.WRONG_CREDENTIALS, "Your session is over."))
    fields = {"current_password": PASSWORD, "new_password": "long enough", "new_again": "long enough"}
    answer = ana.submit("/profile/password", page="/profile", **fields)
    assert (answer.status_code, answer.location) == (303, "/login")


def test_too_many_guesses_are_told_to_wait(ana, backend):
    backend.answers(identity.ChangePassword, Refused(codes.THROTTLED, "Too many tries.", retry_after_s=40))
    fields = {"current_password": "guess", "new_password": "long enough", "new_again": "long enough"}
    answer = ana.submit("/profile/password", page="/profile", **fields)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")


def test_sessions_are_ended_one_or_all(ana, backend):
    ana.submit("/profile/sessions/end", page="/profile", session_id="session-2")
    ana.submit("/profile/sessions/end-others", page="/profile")
    assert backend.asked(identity.EndSession)[0].session_id == "session-2"
    assert backend.asked(identity.EndOtherSessions)[0].session_token == TOKEN


def test_a_change_of_address_that_waits_can_be_given_up(ana, backend):
    change = identity.EmailChangeView(new_email="ana@example.org", expires_at=views.NOW)
    backend.answers(identity.GetProfile, views.a_profile(email_change=change))
    assert "Waiting for you to open the link" in ana.get("/profile").text
    ana.submit("/profile/email/withdraw", page="/profile")
    assert backend.asked(identity.WithdrawEmailChange)


def test_opening_the_link_changes_nothing_and_the_button_does(stranger, backend):
    change = identity.EmailChangeView(new_email="ana@example.org", expires_at=views.NOW)
    backend.answers(identity.InspectEmailChange, change)
    backend.answers(identity.ConfirmEmailChange, change)
    assert "ana@example.org" in stranger.get("/confirm-email/secret").text
    assert not backend.asked(identity.ConfirmEmailChange)
    answer = stranger.submit("/confirm-email/secret")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert 'value="ana@example.org"' in stranger.get("/login").text


def test_a_link_that_is_over_says_so(stranger, backend):
    refusal = Refused(codes.LINK_NOT_VALID, "The link does not work any more.")
    backend.answers(identity.InspectEmailChange, refusal)
    backend.answers(identity.ConfirmEmailChange, refusal)
    assert stranger.get("/confirm-email/old").status_code == 410
    assert stranger.submit("/confirm-email/old", page="/login").status_code == 410


def test_without_identity_there_is_no_profile(ana, backend):
    backend.take_away("identity")
    assert ana.get("/profile").status_code == 503


def test_a_form_that_was_made_for_another_account_changes_nothing(ana, backend):
    answer = ana.submit("/profile/details", page="/profile", name="Ana", account="another-account")
    assert answer.status_code == 409
    assert "You switched to another account" in answer.text
    assert not backend.asked(identity.ChangeContact)
    assert f'name="account" value="{ANA}"' in ana.get("/profile").text
