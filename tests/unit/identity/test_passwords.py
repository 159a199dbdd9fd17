import pytest

from services.identity.domain.passwords import WeakPassword, check, common_passwords, normalized

EMAIL = "ana.lima@example.com"


@pytest.mark.parametrize(
    "password",
    ["seven-geese-in-a-row", "xkwqzpvb", "x" * 40 + "yz" * 100, "пароль-и-гуси", "        a  bc", "🌿🐝🌻🍅🥕🌽🫐🍇"],
)
def test_length_is_all_that_is_asked_for(password):
    check(password, email=EMAIL)


@pytest.mark.parametrize("password", ["", "short", "1234567", "x" * 257])
def test_too_short_and_too_long_are_refused(password):
    with pytest.raises(WeakPassword, match="characters"):
        check(password, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    ["password", "Password", "PASSWORD1", "12345678", "qwertyuiop", "iloveyou", "trustno1", "aaaaaaaa", "abababab"],
)
def test_what_everybody_uses_is_refused(password):
    with pytest.raises(WeakPassword, match="Too many people"):
        check(password, email=EMAIL)


@pytest.mark.parametrize("password", [EMAIL, "Ana.Lima"])
def test_the_e_mail_address_is_no_password(password):
    with pytest.raises(WeakPassword, match="e-mail address"):
        check(password, email=EMAIL)


def test_the_list_is_the_whole_one():
    assert len(common_passwords()) > 10_000


def test_one_password_typed_on_two_keyboards_is_the_same():
    assert normalized("cafe\u0301-de-manhã") == normalized("caf\u00e9-de-manha\u0303")
