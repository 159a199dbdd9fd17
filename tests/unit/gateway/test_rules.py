"""The gateway's small pure parts: bills, colours, formats, static files and settings."""

import colorsys
from datetime import UTC, date, datetime

import msgspec
import pytest

from chassis.rpc import RpcClient
from chassis.settings import SettingsError, load
from contracts import codes
from contracts.billing import GetAmountDue
from gateway import accent
from gateway.accent import DARK_GROUNDS
from gateway.assets import ICONS, Assets
from gateway.bill import chosen_bill, whole_bill
from gateway.colour import READABLE, WHITE, Colour
from gateway.formats import Formats, due_words, lines_of, waiting_words
from gateway.rpc import undecided
from gateway.settings import GatewaySettings
from tests.support import gateway as views

ENGLISH = Formats("en_US", "America/Chicago")


def test_the_whole_bill_names_all_that_is_open_and_free():
    late = views.an_invoice("1", past_due=True)
    bill = whole_bill(views.an_amount_due(late, views.an_invoice("2", open_minor=50)))
    assert (bill.amount_minor, bill.invoice_ids, bill.held) == (8500, ("invoice-1", "invoice-2"), ())


def test_a_held_invoice_makes_the_bill_name_the_others():
    held = views.an_invoice("1", processing_minor=1)
    bill = whole_bill(views.an_amount_due(held, views.an_invoice("2", open_minor=50)))
    assert (bill.amount_minor, bill.invoice_ids, bill.held) == (50, ("invoice-2",), (held,))


def test_a_chosen_bill_keeps_the_order_of_billing_and_names_what_is_missing():
    due = views.an_amount_due(*(views.an_invoice(number, open_minor=10) for number in "123"))
    bill = chosen_bill(due, ["invoice-3", "invoice-9", "invoice-1", "invoice-9"])
    assert bill.invoice_ids == ("invoice-1", "invoice-3")
    assert bill.missing == ("invoice-9",)
    assert bill.amount_minor == 20


def test_what_is_too_much_to_list_is_part_of_the_whole_bill():
    due = msgspec.structs.replace(views.an_amount_due(views.an_invoice("1")), payable_minor=10_000)
    bill = whole_bill(due)
    assert (bill.amount_minor, bill.unlisted_minor, bill.invoice_ids) == (10_000, 1550, None)


def test_the_chassis_names_the_service_that_did_not_answer():
    # The gateway tells "no answer" from "not done" by this detail (gateway.rpc.undecided).
    refused = RpcClient("amqp://guest@127.0.0.1:1/").gather({"due": GetAmountDue(customer_id="c")}, 0.2)["due"]
    assert refused.code == codes.UNAVAILABLE
    assert undecided(refused)


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (0, "USD", "$0.00"),
        (99, "USD", "$0.99"),
        (-123456, "USD", "−$1,234.56"),
        (1234, "JPY", "¥1,234"),
        (1234, "BHD", "BHD1.234"),
    ],
)
def test_money_is_written_from_minor_units(minor, currency, written):
    assert ENGLISH.money(minor, currency) == written


def test_another_locale_writes_money_and_dates_its_way():
    german = Formats("de_DE", "Europe/Berlin")
    assert german.money(-123456, "EUR") == "−1.234,56\xa0€"
    assert german.day(date(2026, 7, 3)) == '<time datetime="2026-07-03">03.07.2026</time>'


def test_an_instant_is_written_in_the_business_time_zone():
    assert "Jul 2, 2026" in ENGLISH.moment(datetime(2026, 7, 3, 2, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (date(2026, 7, 3), "due today"),
        (date(2026, 7, 4), "due tomorrow"),
        (date(2026, 7, 6), "due in 3 days"),
        (date(2026, 7, 2), "1 day late"),
        (date(2026, 6, 23), "10 days late"),
        (date(2027, 7, 3), ""),
    ],
)
def test_due_dates_in_words(due, words):
    assert due_words(due, date(2026, 7, 3)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "1 second"), (45, "45 seconds"), (60, "1 minute"), (61, "2 minutes"), (7201, "3 hours")]
)
def test_waits_in_words_are_rounded_up(seconds, words):
    assert waiting_words(seconds) == words


def test_an_address_is_broken_into_lines_and_escaped():
    assert lines_of("14 Elm <St>, Springfield") == "14 Elm &lt;St&gt;<br>Springfield"
    assert lines_of("14 Elm St, Springfield, IL 62704-1234, USA") == "14 Elm St<br>Springfield, IL 62704-1234<br>USA"


@pytest.mark.parametrize("text", ["#000000", "#ffffff", "#ffee00", "#1f5f8b", "#2e7d32", "#808080", "#ff0000"])
def test_any_accent_can_be_read_on_both_schemes_and_under_its_text(text):
    colour = Colour.parse(text)
    for grounds in (accent.LIGHT_GROUNDS, accent.DARK_GROUNDS):
        shade = colour.readable_on(*grounds)
        assert min(shade.contrast(ground) for ground in grounds) >= READABLE
        assert shade.contrast(shade.text_on_it()) >= READABLE


def test_a_readable_accent_is_left_as_it_is():
    assert str(Colour.parse("#1f5f8b").readable_on(WHITE)) == "#1f5f8b"


def test_the_stylesheets_grounds_are_those_of_the_contrast_check(stranger):
    theme = (Assets(business_name="x", accent_color="#1f5f8b").get_body("theme.css")).decode()
    for name, light, dark in zip(("--paper", "--ground"), accent.LIGHT_GROUNDS, accent.DARK_GROUNDS, strict=True):
        assert f"{name}: {'#fff' if str(light) == '#ffffff' else light};" in theme
        assert f"{name}: {dark};" in theme


def test_static_files_are_kept_for_a_year_under_a_name_of_their_content(stranger):
    path = Assets(business_name="Green Acres Lawn", accent_color="#1f5f8b").path("theme.css")
    answer = stranger.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert stranger.get(path.replace("theme", "other")).status_code == 404
    assert stranger.get("/static/0000000000000000/theme.css").status_code == 404


def test_the_icons_of_the_pages_are_all_in_the_sprite():
    sprite = Assets(business_name="x", accent_color="#1f5f8b").get_body("icons.svg").decode()
    assert all(f'id="{name}"' in sprite for name in ICONS)
    assert len(sprite) < 20_000


def test_the_business_name_cannot_break_out_of_the_icon():
    assert "<script" not in accent.icon("<script>", Colour.parse("#000000"))


COMPLETE = {
    "PORCHLIGHT_BROKER_URL": "amqp://guest@localhost/",
    "PORCHLIGHT_PORTAL_URL": "https://portal.greenacres.test",
    "PORCHLIGHT_SECRET_KEY": "kTq2-9vXr-signs-cookies",
    "PORCHLIGHT_BUSINESS_NAME": "Green Acres Lawn",
    "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.test",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
}


def test_settings_come_from_the_environment():
    settings = load(GatewaySettings, COMPLETE)
    assert settings.secure
    assert settings.portal_host == "portal.greenacres.test"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORCHLIGHT_PORTAL_URL", "portal.greenacres.test"),
        ("PORCHLIGHT_PORTAL_URL", "https://greenacres.test/portal"),
        ("PORCHLIGHT_SECRET_KEY", "changeme-changeme-changeme"),
        ("PORCHLIGHT_BUSINESS_EMAIL", "the office"),
        ("PORCHLIGHT_ACCENT_COLOR", "green"),
        ("PORCHLIGHT_LOCALE", "xx_nowhere"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_live_secret"),
        ("STRIPE_JS_URL", "js.stripe.com"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(name, value):
    with pytest.raises(SettingsError) as caught:
        load(GatewaySettings, COMPLETE | {name: value})
    assert list(caught.value.faults) == [name]


def test_a_missing_setting_is_named():
    with pytest.raises(SettingsError) as caught:
        load(GatewaySettings, {})
    assert set(caught.value.faults) == set(COMPLETE)


def test_an_accent_lightened_for_the_dark_scheme_stays_as_colourful():
    accent = Colour.parse("#2f6b3c")
    shade = accent.readable_on(*DARK_GROUNDS)
    (hue, _, saturation), (new_hue, _, new_saturation) = (
        colorsys.rgb_to_hls(each.red / 255, each.green / 255, each.blue / 255) for each in (accent, shade)
    )
    assert new_hue == pytest.approx(hue, abs=0.02)
    assert new_saturation == pytest.approx(saturation, abs=0.03)
    assert all(shade.contrast(ground) >= READABLE for ground in DARK_GROUNDS)
