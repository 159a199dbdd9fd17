from typing import Annotated

import msgspec
import pytest

from chassis.settings import Env, ServiceSettings, SettingsError, describe, load

BROKER = {"PORCHLIGHT_BROKER_URL": "amqp://porchlight:a-good-password@rabbit:5672/"}


class ShopSettings(ServiceSettings, frozen=True, kw_only=True):
    signing_secret: Annotated[str, Env("SHOP_SECRET", "what links are signed with", secret=True)]
    largest_basket: Annotated[int, msgspec.Meta(ge=1), Env("SHOP_LARGEST_BASKET", "items")] = 20
    gift_wrap: Annotated[bool, Env("SHOP_GIFT_WRAP", "whether gifts are wrapped")] = False


GOOD = {**BROKER, "SHOP_SECRET": "k3Jz9vQm2xT7wLp0"}


def test_values_come_from_the_environment_with_their_types():
    settings = load(ShopSettings, {**GOOD, "SHOP_LARGEST_BASKET": "7", "SHOP_GIFT_WRAP": "true"})
    assert (settings.largest_basket, settings.gift_wrap) == (7, True)


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(AttributeError):
        load(ShopSettings, GOOD).largest_basket = 3  # type: ignore[misc]


def test_every_fault_is_named_at_once():
    with pytest.raises(SettingsError) as caught:
        load(
            ShopSettings,
            {
                "SHOP_LARGEST_BASKET": "0",
                "PORCHLIGHT_BUSINESS_TIME_ZONE": "Moon/Tranquility",
                "PORCHLIGHT_LOG_LEVEL": "loud",
                "PORCHLIGHT_CURRENCY": "dollars",
            },
        )
    assert set(caught.value.faults) == {
        "PORCHLIGHT_BROKER_URL",
        "PORCHLIGHT_BUSINESS_TIME_ZONE",
        "PORCHLIGHT_LOG_LEVEL",
        "PORCHLIGHT_CURRENCY",
        "SHOP_SECRET",
        "SHOP_LARGEST_BASKET",
    }
    assert "SHOP_SECRET" in str(caught.value)


def test_an_empty_variable_counts_as_unset():
    assert load(ShopSettings, {**GOOD, "SHOP_LARGEST_BASKET": " "}).largest_basket == 20
    with pytest.raises(SettingsError, match="SHOP_SECRET"):
        load(ShopSettings, {**GOOD, "SHOP_SECRET": ""})


@pytest.mark.parametrize(
    "placeholder",
    [
        "changeme-changeme-changeme",
        "<your secret goes here>",
        "xxxxxxxxxxxxxxxxxxxx",
        "${SHOP_SECRET:?not set}",
        "todo: a secret of twenty",
        "put_your_secret_in_here",
        "a-dummy-for-the-time-being",
        "short",
    ],
)
def test_a_placeholder_is_no_secret_and_is_not_repeated(placeholder):
    with pytest.raises(SettingsError, match="SHOP_SECRET") as caught:
        load(ShopSettings, {**GOOD, "SHOP_SECRET": placeholder})
    assert placeholder not in str(caught.value)


@pytest.mark.parametrize("drawn", ["3W1AttZTsetOdOi_VQOgyBuB", "k8DuMmYq2h-Zt4pLw0Xs9RvE", "Qm3xyOuR-t7LkWz5pB1dNc8f"])
def test_a_secret_drawn_at_random_may_have_such_a_word_within(drawn):
    assert load(ShopSettings, {**GOOD, "SHOP_SECRET": drawn})


def test_a_placeholder_as_the_password_of_a_url_is_refused():
    with pytest.raises(SettingsError, match="PORCHLIGHT_BROKER_URL"):
        load(ShopSettings, {**GOOD, "PORCHLIGHT_BROKER_URL": "amqp://porchlight:change-me@rabbit/"})


def test_neither_repr_nor_error_shows_a_secret():
    settings = load(ShopSettings, GOOD)
    assert GOOD["SHOP_SECRET"] not in repr(settings)
    assert "a-good-password" not in repr(settings)


def test_describe_lists_every_variable_with_its_default():
    variables = {variable.name: variable for variable in describe(ShopSettings)}
    assert variables["SHOP_SECRET"].default is None
    assert variables["SHOP_SECRET"].secret
    assert variables["SHOP_LARGEST_BASKET"].default == "20"
    assert variables["SHOP_GIFT_WRAP"].default == "false"
    assert variables["PORCHLIGHT_STOP_GRACE_S"].default == "30"
