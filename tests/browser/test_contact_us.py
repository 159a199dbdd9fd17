"""Contact Us on the whole portal: where its link is, and what is written there reaches the business."""

import re

import pytest
from playwright.sync_api import Page, expect

from chassis.ids import new_id

BUSINESS = "office@greenacres.example"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["", "without-scripts"])


def write(page: Page, topic: str, message: str) -> None:
    page.get_by_label("Subject").fill(topic)
    page.get_by_label("Message", exact=True).fill(message)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your message is sent")).to_be_visible()


@SCRIPTS
def test_contact_your_business_using_the_contact_us_link(visit_portal, whole_portal, scripts):
    ana, topic = whole_portal.customer(), f"The gate {new_id()}"
    visitor = visit_portal(ana, java_script_enabled=scripts)
    page = visitor.page
    page.get_by_role("banner").get_by_role("link", name="Contact Us").click()
    expect(page.get_by_text(f"account {ana.reference}")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Write your message here.")).to_be_visible()
    if scripts:
        visitor.expect_no_faults()
    write(page, topic, "Please close it after mowing.")
    message = whole_portal.mailbox.wait_for(BUSINESS, topic)
    assert ana.reference in message["subject"]
    assert "Please close it after mowing." in message["text"]
    whole_portal.mailbox.wait_for(ana.email, "We received your message")


def test_link_can_be_found_at_the_top_right_hand_side_of_the_customer_portal_dashboard(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = visitor.page
    for path in ("/", "/invoices", "/services", "/billing-info"):
        visitor.open(path)
        link = page.get_by_role("banner").get_by_role("link", name="Contact Us")
        box, width = link.bounding_box(), page.viewport_size["width"]
        assert box["y"] + box["height"] < 80
        assert box["x"] > width / 3
        assert box["x"] + box["width"] <= width
    link.click()
    expect(page.get_by_role("heading", name="Contact Us", exact=True)).to_be_visible()


@SCRIPTS
def test_or_at_the_bottom_of_the_login_page(visit_portal, scripts):
    visitor = visit_portal(java_script_enabled=scripts)
    page = visitor.open("/login")
    link = page.get_by_role("contentinfo").get_by_role("link", name="Contact Us")
    form = page.get_by_role("main").bounding_box()
    assert link.bounding_box()["y"] >= form["y"] + form["height"]
    link.click()
    expect(page.get_by_role("heading", name="Contact Us", exact=True)).to_be_visible()


def test_contact_us_with_any_questions(visit_portal, whole_portal):
    visitor, topic = visit_portal(), f"Do you mow on Sundays? {new_id()}"
    page = visitor.open("/contact")
    page.get_by_label("Your name").fill("Noor Haddad")
    page.get_by_label("E-mail address").fill("noor@strangers.example")
    visitor.expect_no_faults()
    write(page, topic, "We would like to know.")
    message = whole_portal.mailbox.wait_for(BUSINESS, topic)
    assert "Noor Haddad" in message["subject"]
    assert "noor@strangers.example" in message["text"]


def test_please_let_us_know_if_you_have_any_questions_or_have_trouble_accessing_your_account(visit_portal):
    page = visit_portal().open("/sign-up")
    page.get_by_role("contentinfo").get_by_role("link", name="Contact Us").click()
    expect(page.get_by_role("heading", name="Contact Us", exact=True)).to_be_visible()
    ways = page.get_by_role("main").get_by_role("region", name="Green Acres")
    expect(ways.get_by_role("link", name=BUSINESS)).to_have_attribute("href", f"mailto:{BUSINESS}")


def test_a_double_click_sends_one_message_with_whom_to_answer_and_the_phone_on_file(visit_portal, whole_portal):
    ana = whole_portal.customer(phone="(607) 555-0188")
    visitor = visit_portal(ana)
    page, topic = visitor.page, f"Gate {new_id()}"
    page.get_by_role("link", name="Contact Us", exact=True).first.click()
    expect(page.get_by_text("Contact us with any questions")).to_be_visible()
    visitor.expect_no_faults()
    page.get_by_label("Subject").fill(topic)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Message")).to_have_accessible_description(re.compile("Write your message here"))
    expect(page.get_by_label("Subject")).to_have_value(topic)
    visitor.expect_no_faults()
    page.get_by_label("Message").fill("Is the gate to be left open?")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", name="Your message is sent")).to_be_visible()

    message = whole_portal.mailbox.wait_for(BUSINESS, topic)
    assert ana.reference in message["subject"]
    assert ana.email in dict(message["headers"])["Reply-To"]
    assert "(607) 555-0188" in message["text"]
    acknowledgement = whole_portal.mailbox.wait_for(ana.email, "We received your message")
    assert "Is the gate to be left open?" in acknowledgement["text"]
    whole_portal.settle()
    assert sum(topic in each["subject"] for each in whole_portal.mailbox.all_to(BUSINESS)) == 1


@SCRIPTS
def test_a_strangers_wrong_address_is_said_at_its_field_and_what_was_typed_is_kept(visit_portal, whole_portal, scripts):
    visitor = visit_portal(java_script_enabled=scripts)
    topic, email = f"Hedge {new_id()}", f"bo.{new_id()}@strangers.example"
    page = visitor.open("/login")
    page.get_by_role("link", name="Contact Us", exact=True).last.click()
    page.get_by_label("Your name").fill("Bo Chen")
    page.get_by_label("E-mail address").fill("bo")
    page.get_by_label("Subject").fill(topic)
    page.get_by_label("Message").fill("Do you cut hedges?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Message")).to_have_value("Do you cut hedges?")
    if scripts:
        visitor.expect_no_faults()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your message is sent")).to_be_visible()
    message = whole_portal.mailbox.wait_for(BUSINESS, topic)
    assert email in dict(message["headers"])["Reply-To"]
    assert "Written without signing in" in message["text"]
    whole_portal.settle()
    # Nobody is written to because a stranger typed an address.
    assert whole_portal.mailbox.all_to(email) == []
