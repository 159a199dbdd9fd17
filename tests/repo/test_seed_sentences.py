"""What the product was asked for, sentence by sentence: each has a browser test of its own name.

The rule: small letters; apostrophes and parentheses are left out; whatever else is no letter and no digit is one
underscore. A long sentence is two claims, each in its own words.
"""

import ast
import re

import pytest

from tests.repo.conftest import ROOT
from tests.support.seed import CUSTOMER_PORTAL_EMAIL_TEMPLATE, WHAT_YOUR_CUSTOMERS_CAN_DO

SENTENCES = [
    "Access Account history /Customer Statement",
    "View Invoices, Payments, Account Credits",
    "Pay Outstanding balance.....if there is a past due balance, it will say “Past Due”",
    "Pay a specific invoice(s)",
    "Sign up for auto-pay",
    'Once signed in, click on the "Billing Info" tab',
    'Scroll to the bottom of the page and click the "Auto-pay" slider to turn it on',
    "Enter your card information",
    'Click "Submit", then click "Submit" again at the bottom right of the page.',
    "Now you are signed up for auto-pay.",
    "Opt in and out of text message notification",
    "Opt in and out of text message notifications (service reminders)..these are NOT marketing messages",
    'Contact your business using the "Contact Us" link',
    "Link can be found at the top, right-hand side of the customer portal dashboard",
    "Or at the bottom of the login page",
    "Contact us with any questions",
    'Only invoices that are marked as "Sent" in your system will show in your customer\'s portal.',
    'If they are still marked as "Unsent" they will not show in their Invoices tab',
    "and also will not count towards their Balance Due (or past due).",
    "view your upcoming or past services",
    "view and pay invoices",
    "sign up for text alerts",
    "you may visit the portal directly by going here",
    "click the “Sign Up” link and enter your email address",
    "please make sure you use the same email address that you have provided to us",
    "You will then receive an email that contains a link for you to set up your password.",
    "You will need to enter your password twice and then submit.",
    "Once you do this you will now be able to login to the portal with this email and password.",
    "You can reset your password at any time by clicking the “Forgot Password” link on the login screen.",
    "Please let us know if you have any questions or have trouble accessing your account!",
]
SEED = WHAT_YOUR_CUSTOMERS_CAN_DO + CUSTOMER_PORTAL_EMAIL_TEMPLATE


def name_of(sentence: str) -> str:
    """The name of the test that claims `sentence`."""
    words = re.sub(r"['’()]", "", sentence.lower())
    return "test_" + re.sub(r"[^a-z0-9]+", "_", words).strip("_")


@pytest.fixture(scope="module")
def names() -> set[str]:
    """The names of all tests in a browser."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "tests" / "browser").glob("test_*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_has_a_browser_test_of_its_name(sentence, names):
    assert name_of(sentence) in names


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_stands_in_the_document(sentence):
    assert sentence in SEED


def test_no_point_of_a_list_is_left_out():
    points = re.findall(r"^ *• (.+)$", SEED, re.MULTILINE)
    assert len(points) > 15
    assert set(points) - set(SENTENCES) == set()
