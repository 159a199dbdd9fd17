import pytest

from chassis.settings import SettingsError, load
from services.notify.clients.addresses import mail_at
from services.notify.clients.mailbox import MailboxMail
from services.notify.clients.smtp import SmtpMail
from services.notify.clients.twilio_texting import TwilioTexting
from services.notify.settings import NotifySettings

ENVIRONMENT = {
    "PORCHLIGHT_BROKER_URL": "inprocess://",
    "PORCHLIGHT_NOTIFY_DATABASE_URL": "sqlite:///notify.sqlite",
    "PORCHLIGHT_MAIL_URL": "smtps://green:s3cr%40t-passw0rd@mail.example.com",
    "PORCHLIGHT_MAIL_FROM": "Green Acres <office@greenacres.example>",
    "PORCHLIGHT_UNSUBSCRIBE_SECRET": "Wm3rT8-for-tests-only-q91Lz",
    "PORCHLIGHT_PORTAL_URL": "https://portal.greenacres.example/",
    "PORCHLIGHT_BUSINESS_NAME": "Green Acres",
    "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.example",
    "PORCHLIGHT_BUSINESS_ADDRESS": "2200 Mill Road, Maple Falls, NY 13902",
}


def test_the_environment_makes_the_business():
    settings = load(NotifySettings, ENVIRONMENT)
    assert settings.business.address_lines == ("2200 Mill Road", "Maple Falls, NY 13902")
    assert settings.business.portal_url == "https://portal.greenacres.example"
    assert settings.formats.locale == "en_US"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORCHLIGHT_MAIL_URL", "mail.example.com"),
        ("PORCHLIGHT_MAIL_URL", "smtp://"),
        ("PORCHLIGHT_MAIL_URL", "smtp://host:port"),
        ("PORCHLIGHT_MAIL_URL", "smtp://host?tls=maybe"),
        ("PORCHLIGHT_MAIL_URL", "smtp://green:s3cr3t-passw0rd@host?tls=never"),
        ("PORCHLIGHT_MAIL_FROM", "Green Acres"),
        ("PORCHLIGHT_LOCALE", "xx_XX"),
        ("PORCHLIGHT_ACCENT_COLOR", "green"),
        ("PORCHLIGHT_PORTAL_URL", "portal.greenacres.example"),
        ("PORCHLIGHT_BUSINESS_EMAIL", "office"),
        ("PORCHLIGHT_BUSINESS_NAME", ""),
        ("PORCHLIGHT_PHONE_REGION", "Texas"),
        ("PORCHLIGHT_UNSUBSCRIBE_SECRET", "change-me-before-you-start-passw0rd"),
        ("TWILIO_ACCOUNT_SID", "SK" + "5a" * 16),
        ("TWILIO_AUTH_TOKEN", "your-auth-token-passw0rd"),
        ("TWILIO_MESSAGING_SERVICE_SID", "AC" + "5a" * 16),
        ("TWILIO_API_BASE", "api.twilio.com"),
    ],
)
def test_a_wrong_value_is_named_at_the_start_without_its_password(name, value):
    with pytest.raises(SettingsError) as error:
        load(NotifySettings, {**ENVIRONMENT, name: value})
    assert list(error.value.faults) == [name]
    assert "passw0rd" not in str(error.value)


def test_without_twilio_no_texts_are_offered():
    settings = load(NotifySettings, ENVIRONMENT)
    assert settings.texting is None
    assert not settings.texts.is_offered


def test_half_of_twilio_is_named_at_the_start():
    with pytest.raises(SettingsError) as error:
        load(NotifySettings, {**ENVIRONMENT, "TWILIO_ACCOUNT_SID": "AC" + "5a" * 16})
    assert set(error.value.faults) == {"TWILIO_AUTH_TOKEN", "TWILIO_MESSAGING_SERVICE_SID"}


def test_with_twilio_texts_go_by_its_messaging_service():
    twilio = {
        "TWILIO_ACCOUNT_SID": "AC" + "5a" * 16,
        "TWILIO_AUTH_TOKEN": "Zq4-auth-token-for-tests-7Yd",
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "5a" * 16,
    }
    settings = load(NotifySettings, {**ENVIRONMENT, **twilio})
    assert isinstance(settings.texting, TwilioTexting)
    assert settings.texting.api_base == "https://api.twilio.com"
    assert settings.texts.is_offered
    assert "Zq4" not in repr(settings.texting)


def test_a_mail_server_is_what_its_address_says():
    smtps = mail_at(ENVIRONMENT["PORCHLIGHT_MAIL_URL"])
    assert isinstance(smtps, SmtpMail)
    assert (smtps.host, smtps.port, smtps.tls) == ("mail.example.com", 465, "always")
    assert (smtps.username, smtps.password) == ("green", "s3cr@t-passw0rd")
    assert "passw0rd" not in repr(smtps)
    smtp = mail_at("smtp://mail.example.com")
    assert isinstance(smtp, SmtpMail)
    assert (smtp.port, smtp.tls, smtp.username) == (587, "start", None)
    mailbox = mail_at("mailbox+http://sandbox:8020/mailbox/messages")
    assert mailbox == MailboxMail(host="sandbox", port=8020, path="/mailbox/messages")
