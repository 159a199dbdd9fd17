"""Profile, as a customer uses it: at both widths, and with scripts off."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.embedded_portal import PASSWORD


def open_profile(visitor):
    page = visitor.go_to_own("Profile")
    expect(page.get_by_role("heading", name="Profile", exact=True)).to_be_visible()
    return page


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_details_are_changed_and_what_is_wrong_is_said_beside_its_field(visit_portal, whole_portal, scripts):
    ana = whole_portal.customer()
    visitor = visit_portal(ana, java_script_enabled=scripts)
    page = open_profile(visitor)
    if scripts:
        visitor.expect_no_faults()
    page.get_by_label("Phone").fill("call me")
    page.get_by_label("Address", exact=True).fill("1 Elm St\nMaple Falls, NY 13902")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Phone")).to_have_value("call me")
    expect(page.get_by_text("This does not look like a telephone number.")).to_be_visible()
    if scripts:
        visitor.expect_no_faults()
    page.get_by_label("Phone").fill("(607) 555-0142")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your details are saved.")).to_be_visible()
    expect(page.get_by_label("Phone")).to_have_value("(607) 555-0142")
    expect(page.get_by_label("Address", exact=True)).to_have_value("1 Elm St\nMaple Falls, NY 13902")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_e_mail_address_is_changed_with_the_password_a_link_and_a_notice(visit_portal, whole_portal, scripts):
    ana = whole_portal.customer()
    new_email = f"new.{ana.email}"
    page = open_profile(visitor := visit_portal(ana, java_script_enabled=scripts))
    page.get_by_text("Change your e-mail address").click()
    page.get_by_label("New e-mail address").fill(new_email)
    page.get_by_label("Your password").fill("not the password")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("This is not your present password.")).to_be_visible()
    expect(page.get_by_label("New e-mail address")).to_have_value(new_email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Waiting for you to open the link")).to_be_visible()
    assert "about to change" in whole_portal.mailbox.wait_for(ana.email, "about to change")["subject"]
    message = whole_portal.mailbox.wait_for(new_email, "your link to use")
    page.goto(next(link for link in message["links"] if "/confirm-email/" in link))
    if scripts:
        visitor.expect_no_faults()
    page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_label("E-mail address")).to_have_value(new_email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_attached()
    assert whole_portal.mailbox.wait_for(ana.email, "was changed")


def test_the_password_is_changed_and_other_browsers_are_signed_out(visit_portal, whole_portal):
    ana = whole_portal.customer()
    elsewhere = visit_portal(ana)
    page = open_profile(visitor := visit_portal(ana))
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_be_visible()
    page.get_by_text("Change your password").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("lawns are never done")
    page.get_by_label("New password again").fill("lawns are never done")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    elsewhere.page.reload()
    expect(elsewhere.page.get_by_role("heading", name="Log in")).to_be_visible()
    elsewhere.log_in(ana.email, "lawns are never done")
    assert whole_portal.mailbox.wait_for(ana.email, "your password")
    page.reload()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    elsewhere.page.reload()
    expect(elsewhere.page.get_by_role("heading", name="Log in")).to_be_visible()
    visitor.expect_no_faults()


def test_my_data_is_downloaded_as_one_file(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 8450)
    page = open_profile(visit_portal(ana))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download my data").click()
    data = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert waiting.value.suggested_filename == f"my-data-{ana.reference}.json"
    assert data["profile"]["customer"]["email"] == ana.email
    assert [each["summary"]["number"] for each in data["invoices"]] == [number]
    assert "invoice_sent" in [each["kind"] for each in data["e_mails"]]
