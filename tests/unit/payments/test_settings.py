import pytest

from chassis.settings import SettingsError, load
from services.payments.settings import PaymentsSettings

RANDOM = "4eC39HqLyjWDarjt"
GOOD = {
    "PORCHLIGHT_BROKER_URL": "amqp://payments:pw1@broker:5672/porchlight",
    "PORCHLIGHT_PAYMENTS_DATABASE_URL": "postgresql://payments:pw2@db/payments",
    "STRIPE_SECRET_KEY": f"sk_test_{RANDOM}",
    "STRIPE_WEBHOOK_SECRET": f"whsec_{RANDOM}",
}


def test_stripe_itself_is_called_unless_told_otherwise():
    settings = load(PaymentsSettings, GOOD)

    assert settings.stripe_api_base == "https://api.stripe.com"
    assert 0 < settings.stripe_timeout_s <= 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_SECRET_KEY", ""),
        ("STRIPE_SECRET_KEY", "sk_test_change_me_please"),
        ("STRIPE_SECRET_KEY", f"pk_test_{RANDOM}"),
        ("STRIPE_SECRET_KEY", "sk_test_short"),
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("STRIPE_WEBHOOK_SECRET", "whsec_your_secret_here"),
        ("STRIPE_WEBHOOK_SECRET", RANDOM),
        ("STRIPE_API_BASE", "api.stripe.com"),
        ("STRIPE_TIMEOUT_S", "0"),
        ("STRIPE_RETRIES", "9"),
        ("PORCHLIGHT_CURRENCY", "XTS"),
        ("PORCHLIGHT_PAYMENTS_DATABASE_URL", ""),
    ],
)
def test_a_missing_placeholder_or_impossible_value_is_named(name, value):
    with pytest.raises(SettingsError) as error:
        load(PaymentsSettings, GOOD | {name: value})

    assert name in error.value.faults
    if value.startswith(("sk_", "whsec_")):
        assert value not in str(error.value)


def test_a_live_key_is_never_sent_in_the_clear():
    environ = GOOD | {
        "STRIPE_SECRET_KEY": f"sk_live_{RANDOM}",
        "STRIPE_API_BASE": "http://127.0.0.1:8020/stripe",
    }

    with pytest.raises(SettingsError) as error:
        load(PaymentsSettings, environ)

    assert "STRIPE_API_BASE" in error.value.faults
