"""Headers, cookies, forms, hosts and sizes."""

import re

import pytest

from contracts import identity
from gateway.app import create_app
from tests.support import gateway as views
from tests.support.gateway import Browser, RecordingBackend, gateway_settings

PAGES = ("/login", "/sign-up", "/forgot-password", "/link-sent", "/nothing-here", "/", "/invoices", "/pay")


def policy_of(answer):
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_allows_inline_scripts_or_styles(ana, path):
    policy = policy_of(ana.get(path))
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert not [value for values in policy.values() for value in values if "unsafe" in value or value == "*"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_carries_what_the_policy_forbids(ana, path):
    page = ana.get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert all('src="' in script for script in re.findall(r"<script[^>]*>", page))


def test_only_pages_that_take_a_card_load_from_stripe(ana):
    assert policy_of(ana.get("/"))["script-src"] == ["'self'"]
    policy = policy_of(ana.get("/pay"))
    assert policy["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
    assert policy["connect-src"] == ["'self'", "https://api.stripe.com", "https://js.stripe.com"]
    assert policy["frame-src"] == ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"]


def test_a_stand_in_for_stripe_is_allowed_by_its_own_origin(backend):
    local = gateway_settings(
        stripe_js_url="http://127.0.0.1:8020/stripe/js/v3/", stripe_api_base="http://127.0.0.1:8020/stripe"
    )
    browser = Browser(create_app(local, backend))
    with browser.session_transaction() as session:
        session["token"], session["account"] = views.TOKEN, views.ANA
    policy = policy_of(browser.get("/pay"))
    for name in ("script-src", "style-src", "connect-src", "frame-src"):
        assert "http://127.0.0.1:8020" in policy[name]
        assert not [value for value in policy[name] if "stripe.com" in value]


def test_every_other_asset_comes_from_the_portal_itself(ana):
    page = ana.get("/").text
    assert not re.search(r'(?:src|<link[^>]* href)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers(ana, path):
    headers = ana.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_over_https_cookies_are_secure_and_the_browser_stays(backend):
    app = create_app(gateway_settings(portal_url="https://portal.test"), backend)
    answer = app.test_client().get("/login", base_url="https://portal.test")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for mark in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert mark in cookie
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]


def test_over_http_there_is_no_promise_of_https(stranger):
    answer = stranger.get("/login")
    assert "Strict-Transport-Security" not in answer.headers
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/account", "/sign-up", "/pay", "/pay/p/continue", "/pay/p/cancel"]
)
def test_a_post_without_the_form_token_does_nothing(ana, backend, path):
    answer = ana.post(path, data={"email": "a@b.test", "password": "x", "customer_id": "x"})
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert not backend.calls
    assert not backend.gathers


def test_another_host_name_gets_the_portals_address_and_no_page(stranger):
    answer = stranger.get("/login", base_url="http://evil.test")
    assert answer.status_code == 400
    assert "http://localhost" in answer.text
    assert "evil.test" not in answer.text
    assert "<form" not in answer.text


def test_health_is_answered_under_any_name(stranger):
    assert stranger.get("/livez", base_url="http://10.0.0.7:8000").status_code == 200
    assert stranger.get("/readyz", base_url="http://10.0.0.7:8000").status_code == 200


def test_a_gateway_without_broker_is_not_ready(stranger, backend):
    backend.broker_away = True
    assert stranger.get("/readyz").status_code == 503
    assert stranger.get("/livez").status_code == 200


def test_a_form_that_is_too_large_is_refused_before_anything_is_asked(stranger, backend):
    answer = stranger.post("/login", data={"email": "a" * 100_000})
    assert answer.status_code == 413
    assert not backend.calls


@pytest.mark.parametrize(("path", "method", "status"), [("/nothing", "get", 404), ("/pay", "put", 405)])
def test_errors_are_pages_with_a_next_step(ana, path, method, status):
    answer = getattr(ana, method)(path)
    assert answer.status_code == status
    assert "Go to the dashboard" in answer.text


def test_an_unforeseen_failure_shows_a_reference_and_no_cause(ana, backend):
    def fail(command):
        raise ZeroDivisionError("the secret cause")

    backend.answers(identity.CheckSession, fail)
    answer = ana.get("/")
    assert answer.status_code == 500
    assert "secret cause" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_each_request_has_a_correlation_id_of_its_own(stranger):
    first, second = (stranger.get("/login", headers={"X-Request-Id": "chosen"}) for _ in range(2))
    assert len({first.headers["X-Request-Id"], second.headers["X-Request-Id"], "chosen"}) == 3


def test_the_address_of_the_visitor_comes_from_trusted_proxies_only(backend):
    def address_seen(proxies):
        seen = RecordingBackend()
        seen.answers(identity.LogIn, views.an_opened_session())
        app = create_app(gateway_settings(proxy_count=proxies), seen)
        browser = Browser(app, app.response_class)
        token = browser.form_token()
        browser.post(
            "/login",
            data={"csrf_token": token, "email": "a@b.test", "password": "12345678"},
            headers={"X-Forwarded-For": "203.0.113.9"},
        )
        return seen.asked(identity.LogIn)[0].ip_address

    assert address_seen(0) == "127.0.0.1"
    assert address_seen(1) == "203.0.113.9"
