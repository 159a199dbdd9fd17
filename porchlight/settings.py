"""The command's own settings, looked at before anything is started. The services look at theirs themselves."""

from collections.abc import Callable, Mapping

from chassis.setting_checks import currency_code, known_time_zone, locale_name
from chassis.settings import SettingsError

_LEVELS = ("debug", "info", "warning", "error")
_FORMATS = ("text", "json")


def _one_of(*words: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in words:
            raise ValueError(f"not one of {', '.join(words)}")

    return check


_CHECKS: dict[str, Callable[[str], None]] = {
    "PORCHLIGHT_BUSINESS_TIME_ZONE": known_time_zone,
    "PORCHLIGHT_CURRENCY": currency_code,
    "PORCHLIGHT_LOCALE": locale_name,
    "PORCHLIGHT_LOG_LEVEL": _one_of(*_LEVELS),
    "PORCHLIGHT_LOG_FORMAT": _one_of(*_FORMATS),
}


def check_settings(environ: Mapping[str, str]) -> None:
    """Raise SettingsError, naming every one of the command's settings that is malformed."""
    faults = {}
    for name, check in _CHECKS.items():
        if value := environ.get(name, "").strip():
            try:
                check(value)
            except ValueError as error:
                faults[name] = str(error)
    if faults:
        raise SettingsError(faults)
