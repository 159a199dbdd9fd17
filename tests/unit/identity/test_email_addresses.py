import pytest

from services.identity.domain.email_addresses import BadAddress, parse


@pytest.mark.parametrize(
    "other", ["ana.lima@example.com", "Ana.Lima@Example.COM", "  ANA.LIMA@example.com ", "ana.lima@EXAMPLE.com"]
)
def test_capitals_and_outer_blanks_make_no_other_address(other):
    assert parse(other).key == parse("Ana.Lima@example.com").key


def test_the_spelling_of_the_customer_is_kept_for_writing_to():
    assert parse("Ana.Lima@Example.com").written == "Ana.Lima@example.com"


def test_composed_and_decomposed_letters_make_one_address():
    assert parse("jos\u00e9@example.com").key == parse("jose\u0301@example.com").key


def test_an_international_domain_and_its_ascii_form_make_one_address():
    assert parse("ana@bücher.example").key == parse("ana@xn--bcher-kva.example").key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "ana lima@example.com",
        "ana@example.com, bob@example.com",
        "Ana <ana@example.com>",
        "ana@example.com\r\nBcc: bob@example.com",
        "ana@exam\x00ple.com",
        "a@" + ".".join(["b" * 60] * 5) + ".com",
        "ana@[127.0.0.1]",
        "ana@localhost.local",
        "ß" * 60 + "@" + "a" * 60 + "." + "b" * 60 + "." + "c" * 60 + ".example",
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text):
    with pytest.raises(BadAddress, match=r"\w+ \w+"):
        parse(text)
