"""`porchlight payments` and `porchlight messages`: what needs people is shown with what to do, and done."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from chassis.ids import new_id
from services.notify.domain.facts.invoices import InvoiceFacts
from services.notify.models import Contact, Delivery, TextMessage
from services.payments.models import Payment
from tests.support.command_loop import Commands, commands
from tests.support.home_rows import writing
from tests.support.notify_events import sent

MARCH = datetime(2026, 3, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


@pytest.fixture
def home(porchlight: Commands, tmp_path: Path) -> Path:
    """A folder with one customer, C-7, that has an e-mail address."""
    file = tmp_path / "customers.csv"
    file.write_text("reference,name,email\nC-7,Ana Lima,ana@example.com\n", encoding="utf-8")
    ran = porchlight.run(tmp_path, "import", "customers", str(file))
    assert ran.code == 0, ran.complaints
    return tmp_path


def customer_id(home: Path) -> str:
    with writing(home, "notify") as session:
        return session.scalars(select(Contact.customer_id)).one()


def a_payment_left_open(home: Path, *, state: str = "unknown", intent_id: str | None = None) -> str:
    """One that Stripe was asked about for 30 days; its intent is none of the sandbox's."""
    payment = Payment(
        payment_id=new_id(), customer_id=customer_id(home), key=new_id(), request_hash="", state=state, version=3,
        method="card", origin="portal", currency="USD", amount_minor=123_450, excess_minor=0, invoices=[],
        allocated_version=0, reference="", created_at=MARCH, listed_on=MARCH.date(), save_card=False,
        stripe_customer_id="cus_1", stripe_intent_id=intent_id, checks=32, needs_staff=True,
    )  # fmt: skip
    with writing(home, "payments") as session:
        session.add(payment)
    return payment.payment_id


def a_message(
    home: Path, *, state: str = "failed", to: str | None = "ana@example.com", error: str | None = None
) -> str:
    event = sent(customer_id=customer_id(home))
    message = Delivery(
        delivery_id=new_id(), kind="invoice_sent", source_id=event.invoice_id, customer_id=event.customer_id,
        to_address=to, state=state, attempts=10, created_at=MARCH, last_error=error,
        facts=msgspec.json.encode(InvoiceFacts.of(event)).decode(),
    )  # fmt: skip
    with writing(home, "notify") as session:
        session.add(message)
    return message.delivery_id


def test_nothing_to_do_is_said_and_is_exit_code_0(porchlight, home):
    for command, said in (
        (("payments", "attention"), "no payment needs attention"),
        (("messages", "failed"), "every message was delivered or is on its way"),
        (("messages", "resend", "--all-failed"), "no message has failed"),
        (("messages", "failed-texts"), "every text arrived or is on its way"),
    ):
        ran = porchlight.run(home, *command)
        assert (ran.code, ran.output.strip(), ran.complaints) == (0, said, "")


def test_a_payment_that_needs_people_is_shown_with_what_to_do(porchlight, home):
    payment_id = a_payment_left_open(home, intent_id="pi_1")
    ran = porchlight.run(home, "payments", "attention")
    assert ran.code == 1
    for told in (payment_id, "C-7", "$1,234.50", "unknown", "2026-03-01 10:00", "pi_1", "payments check"):
        assert told in ran.output


def test_programs_get_the_same_in_minor_units(porchlight, home):
    payment_id = a_payment_left_open(home, state="processing", intent_id="pi_1")
    as_csv = porchlight.run(home, "payments", "attention", "--format", "csv")
    assert as_csv.code == 1
    (row,) = csv.DictReader(io.StringIO(as_csv.output))
    assert (row["payment"], row["customer"], row["amount_minor"]) == (payment_id, "C-7", "123450")
    assert (row["currency"], row["state"], row["since"]) == ("USD", "processing", "2026-03-01T15:00:00+00:00")
    (told,) = json.loads(porchlight.run(home, "payments", "attention", "--format", "json").output)
    assert {key: str(value) for key, value in told.items()} == row


def test_a_payment_that_stripe_never_heard_of_is_settled_by_looking_once_more(porchlight, home):
    payment_id = a_payment_left_open(home, state="submitting")
    ran = porchlight.run(home, "payments", "check", payment_id)
    assert (ran.code, ran.output.strip()) == (0, f"{payment_id}: cancelled"), ran.complaints
    assert porchlight.run(home, "payments", "attention").code == 0


def test_a_payment_that_stripe_still_does_not_decide_stays_on_the_list(porchlight, home):
    payment_id = a_payment_left_open(home, intent_id="pi_of_another_account")
    ran = porchlight.run(home, "payments", "check", payment_id, "no-such-payment")
    assert ran.code == 1
    assert f"{payment_id}: still unknown" in ran.output
    assert "no-such-payment: is not among those that need attention" in ran.complaints
    assert payment_id in porchlight.run(home, "payments", "attention").output


def a_failed_text(home: Path, *, created_at: datetime) -> str:
    text = TextMessage(
        text_id=new_id(), kind="visit_reminder", source_id=new_id(), customer_id=customer_id(home),
        number="+16075550142", state="failed", attempts=1, created_at=created_at, is_held=False,
        last_error="30003: undelivered",
    )  # fmt: skip
    with writing(home, "notify") as session:
        session.add(text)
    return text.text_id


def test_texts_of_the_last_week_that_did_not_arrive_are_shown_with_why(porchlight, home):
    a_failed_text(home, created_at=datetime.now(UTC) - timedelta(days=9))
    late = a_failed_text(home, created_at=datetime.now(UTC))
    ran = porchlight.run(home, "messages", "failed-texts", "--format", "csv")
    assert ran.code == 1
    (row,) = csv.DictReader(io.StringIO(ran.output))
    assert (row["text"], row["customer"], row["why"]) == (late, "C-7", "30003: undelivered")
    assert porchlight.run(home, "messages", "failed-texts").code == 1


def test_failed_messages_are_shown_with_why_and_sent_again(porchlight, home):
    message_id = a_message(home, error="550\n[b]full[/b]")
    ran = porchlight.run(home, "messages", "failed")
    assert ran.code == 1
    for told in (message_id, "C-7", "ana@example.com", "550 [b]full[/b]", "messages resend"):
        assert told in ran.output

    ran = porchlight.run(home, "messages", "resend", message_id)
    assert (ran.code, ran.output.strip()) == (0, f"{message_id}: is sent again to ana@example.com"), ran.complaints
    with writing(home, "notify") as session:
        assert session.get_one(Delivery, message_id).state == "delivered"
    again = porchlight.run(home, "messages", "resend", message_id)
    assert again.code == 1
    assert again.complaints.strip() == f"{message_id}: This message was delivered; it is not sent twice."
    assert porchlight.run(home, "messages", "failed").code == 0


def test_a_message_without_an_address_says_what_is_missing_and_the_others_are_sent(porchlight, home):
    with writing(home, "notify") as session:
        session.scalars(select(Contact)).one().email = None
    unreachable = a_message(home, state="unreachable", to=None)
    failed = a_message(home)
    listed = porchlight.run(home, "messages", "failed", "--format", "csv")
    told = {row["message"]: (row["state"], row["why"]) for row in csv.DictReader(io.StringIO(listed.output))}
    assert told == {unreachable: ("unreachable", "no e-mail address on file"), failed: ("failed", "not told")}

    ran = porchlight.run(home, "messages", "resend", unreachable, "no-such-message")
    assert ran.code == 1
    assert f"{unreachable}: There is no e-mail address on file for this customer." in ran.complaints
    assert "no-such-message: There is no such message." in ran.complaints


def test_what_to_resend_must_be_said_one_way(porchlight, home):
    for arguments in ((), ("--all-failed", "some-id")):
        ran = porchlight.run(home, "messages", "resend", *arguments)
        assert ran.code == 2
        assert "name the messages by their ids, or use --all-failed" in ran.complaints
