"""The business invites its customers to sign up."""

import threading
from datetime import timedelta

import pytest

from contracts import codes
from contracts import identity as wire
from tests.support.identity import Identity, refused_with


def invited(identity: Identity, *references: str, **options) -> list[tuple[str, str]]:
    return [(result.reference, result.status) for result in identity.invite(*references, **options)]


def test_an_invitation_is_a_link_to_the_address_on_file_that_lives_seven_days(identity: Identity):
    customer_id = identity.customer("Ana@Example.com", reference="A-1")
    assert invited(identity, "A-1") == [("A-1", "invited")]
    (event,) = identity.events(wire.LinkIssued)
    assert (event.purpose, event.email, event.name) == ("invitation", "Ana@example.com", "Ana Lima")
    assert event.customer_ids == [customer_id]
    assert event.expires_at == identity.now + timedelta(days=7)


def test_the_link_of_an_invitation_sets_the_password_once(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.invite("A-1")
    token = identity.token_of(identity.events(wire.LinkIssued)[0])
    identity.later(days=6, hours=23)
    assert identity.inspect(token).purpose == "invitation"
    identity.set_password(token)
    identity.log_in("ana@example.com")
    with refused_with(codes.LINK_NOT_VALID):
        identity.set_password(token)


def test_after_seven_days_it_works_no_more_and_can_be_sent_again(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.invite("A-1")
    token = identity.token_of(identity.events(wire.LinkIssued)[0])
    identity.later(days=7)
    with refused_with(codes.LINK_NOT_VALID):
        identity.inspect(token)
    assert invited(identity, "A-1") == [("A-1", "invited")]


def test_each_customer_is_answered_in_the_order_asked_for_with_what_became_of_it(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.customer(None, reference="B-2")
    identity.customer("cem@example.com", reference="C-3")
    identity.sign_up("cem@example.com")
    assert invited(identity, "C-3", "nobody", "A-1", "B-2") == [
        ("C-3", "has_log_in"),
        ("nobody", "not_found"),
        ("A-1", "invited"),
        ("B-2", "no_email"),
    ]


def test_inviting_again_sends_nothing_twice(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.invite("A-1")
    assert invited(identity, "A-1") == [("A-1", "invited_before")]
    assert len(identity.events(wire.LinkIssued)) == 1


def test_again_replaces_the_invitation_that_is_out(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.invite("A-1")
    assert invited(identity, "A-1", again=True) == [("A-1", "invited")]
    first, second = identity.events(wire.LinkIssued)
    with refused_with(codes.LINK_NOT_VALID):
        identity.token_of(first)
    identity.set_password(identity.token_of(second))


def test_one_e_mail_goes_to_an_address_however_many_accounts_share_it(identity: Identity):
    ids = [identity.customer("ana@example.com", reference=reference) for reference in ("A-1", "A-2", "A-3")]
    one, other, same = identity.invite("A-2", "A-1", "A-2")
    assert (one.status, other.status, same.status) == ("invited", "invited", "invited")
    assert (one.with_reference, other.with_reference, same.with_reference) == (None, "A-2", None)
    (event,) = identity.events(wire.LinkIssued)
    assert event.customer_ids == ids


def test_a_dry_run_answers_the_same_and_sends_nothing(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.customer(None, reference="B-2")
    told = identity.invite("A-1", "B-2", dry_run=True)
    assert identity.events(wire.LinkIssued) == []
    assert identity.invite("A-1", "B-2") == told


def test_of_two_who_invite_the_same_customers_at_once_one_sends(identity: Identity):
    for number in range(5):
        identity.customer(f"c{number}@example.com", reference=f"C-{number}")
    references = [f"C-{number}" for number in range(5)]
    answers: list[list[tuple[str, str]]] = []
    threads = [threading.Thread(target=lambda: answers.append(invited(identity, *references))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for answer in answers for _, status in answer) == ["invited"] * 5 + ["invited_before"] * 5
    assert len(identity.events(wire.LinkIssued)) == 5


def test_an_address_that_changes_takes_its_invitation_with_it(identity: Identity):
    identity.customer("ana@example.com", reference="A-1")
    identity.invite("A-1")
    (event,) = identity.events(wire.LinkIssued)
    identity.import_rows(wire.CustomerRow(row=1, reference="A-1", email="new@example.com"))
    with refused_with(codes.LINK_NOT_VALID):
        identity.token_of(event)
    assert invited(identity, "A-1") == [("A-1", "invited")]


def test_more_than_five_hundred_at_a_time_are_refused(identity: Identity):
    with refused_with(codes.INVALID, "references"):
        identity.invite(*[str(number) for number in range(501)])


@pytest.mark.parametrize("purpose", ["sign_up", "reset"])
def test_whoever_asks_for_a_link_although_invited_gets_one_that_replaces_it(identity: Identity, purpose):
    identity.customer("ana@example.com", reference="A-1")
    identity.invite("A-1")
    identity.set_password(identity.link_for("ana@example.com", purpose))
    with refused_with(codes.LINK_NOT_VALID):
        identity.token_of(identity.events(wire.LinkIssued)[0])
