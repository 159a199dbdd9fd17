"""Download my data: every list to its end, in one file, or none."""

import json

import msgspec
import pytest

from contracts import balance, billing, identity, notify, payments
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA, TOKEN
from tests.support.gateway_notifications import some_notifications

EVERYTHING = {
    "profile",
    "cards",
    "auto_pay",
    "auto_pay_consents",
    "notifications",
    "invoices",
    "credits",
    "payments",
    "account_history",
    "upcoming_visits",
    "past_visits",
    "e_mails",
    "texts",
    "messages",
}


@pytest.fixture(autouse=True)
def answering(backend):
    backend.answers(identity.GetProfile, views.a_profile())
    backend.answers(balance.ListActivity, views.an_activity_page(views.an_activity_row()))
    backend.answers(payments.ListAutoPayConsents, payments.ConsentHistory(records=[]))
    backend.answers(
        billing.ListCredits, billing.CreditPage(credits=[], currency="USD", open_minor=0, as_of=views.TODAY)
    )
    backend.answers(notify.GetNotifications, some_notifications())
    backend.answers(billing.ListVisits, billing.VisitPage(visits=[], as_of=views.TODAY))
    backend.answers(notify.ListDeliveries, notify.DeliveryPage(deliveries=[]))
    backend.answers(notify.ListTexts, notify.TextPage(texts=[]))
    backend.answers(notify.ListContactMessages, notify.ContactMessagePage(messages=[]))


def test_it_is_everything_of_this_account_and_no_secret(ana, backend):
    answer = ana.get("/profile/data.json")
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data-C-1007.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert set(data) == EVERYTHING
    assert data["invoices"][0]["summary"]["number"] == "1042"
    assert TOKEN not in answer.text
    asked = [command for gather in backend.gathers for command in gather.values()]
    assert {command.customer_id for command in asked} == {ANA}


def test_every_list_is_read_to_its_end(ana, backend):
    def page(command):
        number = int(command.cursor or 0)
        invoice = views.an_invoice(str(1000 + number), invoice_id=f"invoice-{number}")
        return views.an_invoice_page(invoice, next_cursor=str(number + 1) if number < 3 else None)

    def whole(command):
        summary = views.an_invoice(command.invoice_id)
        return billing.InvoiceView(summary=summary, lines=[], allocations=[], as_of=views.TODAY)

    backend.answers(billing.ListInvoices, page)
    backend.answers(billing.GetInvoice, whole)
    data = json.loads(ana.get("/profile/data.json").text)
    assert [each["summary"]["number"] for each in data["invoices"]] == [f"invoice-{number}" for number in range(4)]


@pytest.mark.parametrize("command", [balance.ListActivity, billing.GetInvoice, notify.ListTexts, payments.GetAutoPay])
def test_without_one_of_the_services_there_is_no_file(ana, backend, command):
    backend.answers(command, Refused("unavailable", "The service did not answer in time."))
    answer = ana.get("/profile/data.json")
    assert answer.status_code == 503
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_a_reference_is_no_part_of_a_header(ana, backend):
    profile = views.a_profile()
    customer = msgspec.structs.replace(profile.customer, reference='x"; filename="evil\r\n.exe é')
    backend.answers(identity.GetProfile, msgspec.structs.replace(profile, customer=customer))
    answer = ana.get("/profile/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data-x-filename-evil-exe.json"'


def test_a_stranger_gets_nothing(stranger):
    assert stranger.get("/profile/data.json").status_code == 303
