"""Whatever is typed into a field or an address gets a page of the portal: no failure, no script, no way out."""

import secrets
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
import stripe

from contracts.identity import CustomerRow, FindCustomers, ImportCustomers
from porchlight.connection import Services
from porchlight.local_stack import LocalStack
from tests.support.signing_up import sign_up
from tests.support.tab import Page, Tab

PASSWORD = "orchard lantern fields"

NASTY = {
    "nothing": "",
    "NUL": "a\0b",
    "line breaks": "ana@example.com\r\nBcc: everybody@example.com",
    "a script": "<script>alert(1)</script>",
    "an attribute": '"\' onmouseover=alert(1) x="',
    "a template": "{{ 7 * 7 }}{% raw %}",
    "SQL": "' OR '1'='1'; DROP TABLE customers; --",
    "percent signs": "%s%n%00%0d%0a",
    "a path": "../../../../etc/passwd",
    "text turned round": "\u202egnp.exe",
    "emoji": "\U0001f9d1\u200d\U0001f33e" * 20,
    "accents piled up": "Z" + "\u0301" * 500,
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "long": "x" * 20_000,
    "a number": "-99999999999999999999",
}

POSTS = [
    ("/login", ("email", "password", "next")),
    ("/sign-up", ("email",)),
    ("/forgot-password", ("email",)),
    ("/set-password/no-such-link", ("password", "again")),
    ("/account", ("customer_id",)),
    ("/pay", ("key", "account", "amount_minor", "currency", "pays", "invoice", "card", "payment_method", "save_card")),
    ("/pay/no-such-payment/continue", ("anything",)),
    ("/pay/no-such-payment/cancel", ("anything",)),
]
GETS = [
    "/invoices?show={}",
    "/invoices?after={}",
    "/invoices/{}",
    "/account-history?after={}",
    "/pay?invoice={}",
    "/pay?declined={}",
    "/pay?chosen={}",
    "/receipts/{}",
    "/pay/{}/confirm",
    "/set-password/{}",
    "/login?next={}",
    "/{}",
]


@pytest.fixture(scope="module")
def tab(stack: LocalStack, services: Services) -> Tab:
    """A customer whose name is an attack."""
    email = f"nasty.{secrets.token_hex(3)}@customers.example"
    name = '<script>alert(1)</script> "O\'Neil" & {{ 4321 * 4321 }}'
    row = CustomerRow(row=1, reference=email, name=name, email=email, address="<b>1</b> & Elm")
    assert services.caller.call(ImportCustomers(rows=[row]))[0].status == "created"
    services.settle()
    sign_up(stack, email, PASSWORD)
    tab = Tab(stack.url("gateway"))
    tab.log_in(email, PASSWORD)
    return tab


@pytest.fixture
def stranger(stack: LocalStack) -> Tab:
    return Tab(stack.url("gateway"))


def is_decent(page: Page, portal_url: str) -> None:
    """A page of the portal's own, which is not a failure and runs nothing that was typed."""
    assert page.status in (200, 400, 401, 404, 405, 409, 410, 413, 414, 422, 429), page.text
    assert page.url.startswith(portal_url)
    assert not [script for script in page.html.find_all("script") if not script.get("src")]
    assert not [tag for tag in page.html.find_all() if any(name.startswith("on") for name in tag.attrs)]


def token_of(tab: Tab, path: str) -> dict[str, list[str]]:
    fields = tab.answer(path).fields_of("input[name=csrf_token]")
    return {"csrf_token": (fields or {}).get("csrf_token", [""])}


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY.keys())
def test_what_is_typed_into_a_field_is_answered(tab: Tab, stranger: Tab, value: str) -> None:
    for path, names in POSTS:
        who, source = (stranger, "/login") if path.startswith(("/login", "/sign", "/forgot", "/set")) else (tab, "/")
        fields = token_of(who, source) | {name: ["good"] for name in names} | {"email": ["ana@example.com"]}
        fields |= {"amount_minor": ["100"], "currency": ["USD"], "payment_method": ["pm_card_visa"]}
        # The pay form is read to the end, field by field; what else is wrong in the others hides nothing.
        for attacked in [[name] for name in names] if path == "/pay" else [names]:
            is_decent(who.answer(path, fields | {name: [value] for name in attacked}), who.portal_url)
        is_decent(who.answer(path, fields | {value or "a": ["good"]}), who.portal_url)


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY.keys())
def test_what_is_typed_into_an_address_is_answered(tab: Tab, stranger: Tab, value: str) -> None:
    value = value[:4_000]
    for pattern in GETS:
        who = stranger if pattern.startswith(("/login", "/set-password")) else tab
        is_decent(who.answer(pattern.format(quote(value, safe=""))), who.portal_url)


@pytest.mark.parametrize(
    "body",
    [b"key=%ff%fe&account=%ed%a0%80", b"\xff\xfe\x00", b"&&&==;;", b"key" * 9_000, b"a=b&" * 5_000, b""],
    ids=["no UTF-8", "raw bytes", "separators", "one long name", "thousands of fields", "empty"],
)
def test_a_body_that_is_no_form_is_answered(tab: Tab, body: bytes) -> None:
    token = token_of(tab, "/")["csrf_token"][0].encode()
    for path, _ in POSTS:
        is_decent(tab.answer(path, body), tab.portal_url)
        is_decent(tab.answer(path, b"csrf_token=" + token + b"&" + body), tab.portal_url)


def test_a_name_that_is_markup_is_text(tab: Tab) -> None:
    page = tab.answer("/")
    is_decent(page, tab.portal_url)
    assert "18671041" not in page.text


def test_a_name_cannot_add_a_header_to_an_email(services: Services) -> None:
    email = f"header.{secrets.token_hex(3)}@customers.example"
    rows = [
        CustomerRow(row=1, reference=f"{email}-1", name="Ana\r\nBcc: everybody@example.com", email=email),
        CustomerRow(row=2, reference=f"{email}-2", name="Ana", email=f"{email}\r\nBcc: everybody@example.com"),
        CustomerRow(row=3, reference=f"{email}-3", name="Ana", email=f"{email}, everybody@example.com"),
    ]
    results = services.caller.call(ImportCustomers(rows=rows))
    assert [each.status for each in results] == ["refused"] * 3
    assert services.caller.call(FindCustomers(references=[row.reference for row in rows])) == []


def _signature(secret: str, body: str, *, age_s: int = 0) -> str:
    return str(stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age_s))


BODY = '{"id": "evt_x", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_x", "metadata": {}}}}'


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        pytest.param(BODY, lambda secret: "", id="unsigned"),
        pytest.param(BODY, lambda secret: "t=1,v1=00", id="made up"),
        pytest.param(BODY, lambda secret: _signature("whsec_other", BODY), id="of another secret"),
        pytest.param(BODY, lambda secret: _signature(secret, BODY, age_s=3_600), id="an hour old"),
        pytest.param(BODY.replace("pi_x", "pi_y"), lambda secret: _signature(secret, BODY), id="of another body"),
        pytest.param("[]", lambda secret: _signature(secret, "[]"), id="no event"),
        pytest.param(
            BODY.replace("evt_x", "e\\u0000"), lambda s: _signature(s, BODY.replace("evt_x", "e\\u0000")), id="NUL"
        ),
    ],
)
def test_a_webhook_that_is_not_stripes_is_refused(stack: LocalStack, body: str, sign: Callable[[str], str]) -> None:
    tab = Tab(stack.url("gateway"))
    answer = tab.session.post(
        f"{tab.portal_url}/webhooks/stripe",
        data=body,
        headers={
            "Stripe-Signature": sign(stack.variables["STRIPE_WEBHOOK_SECRET"]),
            "Content-Type": "application/json",
        },
        timeout=20,
    )
    assert answer.status_code == 400


def test_a_webhook_of_stripes_about_nothing_of_ours_is_taken_and_changes_nothing(stack: LocalStack) -> None:
    tab, secret = Tab(stack.url("gateway")), stack.variables["STRIPE_WEBHOOK_SECRET"]
    for data in (
        "{}",
        '{"id": null, "metadata": null}',
        '{"id": "pi_none", "metadata": {"payment_id": 7}}',
        '{"id": [1]}',
    ):
        body = (
            f'{{"id": "evt_{secrets.token_hex(4)}", "type": "payment_intent.succeeded", "data": {{"object": {data}}}}}'
        )
        headers = {"Stripe-Signature": _signature(secret, body)}
        answer = tab.session.post(f"{tab.portal_url}/webhooks/stripe", data=body, headers=headers, timeout=20)
        assert answer.status_code == 200, data
