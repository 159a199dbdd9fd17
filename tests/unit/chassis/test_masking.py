import pytest

from chassis import masking
from chassis.masking import masked


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("amqp://porchlight:s3cr3t@rabbit:5672/", "s3cr3t"),
        ("cannot reach postgresql+psycopg2://billing:p%40ss@db/billing now", "p%40ss"),
        ("key sk_test_51AbCdEf is live", "51AbCdEf"),
        ("rk_live_abc123", "abc123"),
        ("whsec_9f8e7d", "9f8e7d"),
        ("pi_3Abc_secret_XyZ99 came back", "XyZ99"),
        ("Authorization: Bearer abc.def-ghi_jkl", "abc.def-ghi_jkl"),
        ("password='hunter2hunter2' wrong", "hunter2hunter2"),
        ('{"token": "q1w2e3r4"}', "q1w2e3r4"),
        ("mail to ann.lee+x@example.com bounced", "ann.lee"),
    ],
)
def test_secrets_and_names_of_people_do_not_show(text, secret):
    assert secret not in masked(text)
    assert masking.MASK in masked(text)


def test_what_helps_to_find_the_fault_stays():
    text = masked("cannot reach amqp://porchlight:s3cr3t@rabbit:5672/ for ann@example.com")
    assert text == "cannot reach amqp://porchlight:***@rabbit:5672/ for ***@example.com"


def test_plain_sentences_are_left_alone():
    text = "invoice 2026-0042 of customer C-17: open 12500, paid 0 (50 % of 2 lines)"
    assert masked(text) == text


def test_a_known_secret_is_hidden_wherever_it_appears(monkeypatch):
    monkeypatch.setattr(masking, "_known", set())
    masking.hide("kT9vQm2xT7wLp0aa")
    assert masked("signed with kT9vQm2xT7wLp0aa.") == "signed with ***."


def test_fields_named_like_secrets_are_masked_whatever_they_hold():
    entry = masking.mask_entry(
        None, "info", {"event": "x", "session_token": "abc", "details": {"password": "p", "row": 3}, "count": 2}
    )
    assert entry == {"event": "x", "session_token": "***", "details": {"password": "***", "row": 3}, "count": 2}
