"""What a call takes: each parameter's type, read from the form's strings with Stripe's own complaints."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.stripe.errors import StripeError

METADATA_KEYS_MAX = 50
METADATA_KEY_LENGTH_MAX = 40
TEXT_LENGTH_MAX = 5_000
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", re.ASCII)


class Type(Protocol):
    """A type of parameter."""

    def read(self, value: Any, path: str) -> Any:
        """The typed value, or StripeError naming `path`."""


@dataclass(frozen=True)
class Text:
    """A string; an empty one unsets where `clears`, and is refused elsewhere."""

    length_max: int = TEXT_LENGTH_MAX
    clears: bool = False

    def read(self, value: Any, path: str) -> str | None:
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {_shown(value)}", param=path)
        if value == "":
            if self.clears:
                return None
            raise StripeError(
                f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a field; "
                f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a "
                "non-empty value.",
                code="parameter_invalid_empty",
                param=path,
            )
        if len(value) > self.length_max:
            raise StripeError(
                f"Invalid string: {value[:12]}...; must be at most {self.length_max} characters",
                code="parameter_invalid_string_blank" if not value.strip() else None,
                param=path,
            )
        return value


@dataclass(frozen=True)
class Email:
    """An e-mail address; an empty one unsets."""

    def read(self, value: Any, path: str) -> str | None:
        """The address, or Stripe's email_invalid."""
        address = Text(length_max=512, clears=True).read(value, path)
        if address is not None and not EMAIL.match(address):
            raise StripeError(f"Invalid email address: {address}", code="email_invalid", param=path)
        return address


@dataclass(frozen=True)
class Integer:
    """A whole number."""

    least: int | None = None
    most: int | None = None

    def read(self, value: Any, path: str) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError) as error:
            raise StripeError(
                f"Invalid integer: {_shown(value)}", code="parameter_invalid_integer", param=path
            ) from error
        if self.least is not None and number < self.least:
            raise StripeError(
                f"This value must be greater than or equal to {self.least}.",
                code="parameter_invalid_integer",
                param=path,
            )
        if self.most is not None and number > self.most:
            raise StripeError(
                f"This value must be less than or equal to {self.most}.",
                code="parameter_invalid_integer",
                param=path,
            )
        return number


@dataclass(frozen=True)
class Boolean:
    """true or false."""

    def read(self, value: Any, path: str) -> bool:
        if value not in ("true", "false"):
            raise StripeError(f"Invalid boolean: {_shown(value)}", param=path)
        return bool(value == "true")


@dataclass(frozen=True)
class OneOf:
    """One of a few words; those in `booleans` also as true and false."""

    words: tuple[str, ...]
    booleans: bool = False

    def read(self, value: Any, path: str) -> str | bool:
        if self.booleans and value in ("true", "false"):
            return bool(value == "true")
        if value not in self.words:
            listed = ", ".join(self.words[:-1]) + (" or " if len(self.words) > 1 else "") + self.words[-1]
            raise StripeError(f"Invalid {path}: must be one of {listed}", param=path)
        return str(value)


@dataclass(frozen=True)
class ListOf:
    """A list, written `name[]=` or `name[0]=`."""

    item: Type
    length_max: int = 100

    def read(self, value: Any, path: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise StripeError("Invalid array", param=path)
        if len(value) > self.length_max:
            raise StripeError(f"Array {path} exceeded maximum {self.length_max} allowed elements.", param=path)
        return [self.item.read(value[key], f"{path}[{key}]") for key in sorted(value, key=int)]


@dataclass(frozen=True)
class Metadata:
    """Up to 50 keys with string values; an empty value removes its key (read as None), "" removes them all."""

    def read(self, value: Any, path: str) -> dict[str, str | None] | None:
        if value == "":
            return None
        if not isinstance(value, dict):
            raise StripeError("Invalid hash", param=path)
        if len(value) > METADATA_KEYS_MAX:
            raise StripeError(f"Metadata can have at most {METADATA_KEYS_MAX} keys.", param=path)
        for key in value:
            if len(key) > METADATA_KEY_LENGTH_MAX:
                raise StripeError(
                    f"Metadata keys can be up to {METADATA_KEY_LENGTH_MAX} characters.",
                    param=f"{path}[{key}]",
                )
        text = Text(length_max=500, clears=True)
        return {key: text.read(each, f"{path}[{key}]") for key, each in value.items()}


@dataclass(frozen=True)
class Struct:
    """An object of named parameters; any other name is refused."""

    fields: Mapping[str, Type]
    required: tuple[str, ...] = field(default=())

    def read(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=path)
        for name in value:
            if name not in self.fields:
                where = f"{path}[{name}]" if path else name
                raise StripeError(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
        for name in self.required:
            if name not in value:
                where = f"{path}[{name}]" if path else name
                raise StripeError(f"Missing required param: {where}.", code="parameter_missing", param=where)
        return {name: self.fields[name].read(each, f"{path}[{name}]" if path else name) for name, each in value.items()}


def merged_metadata(old: Mapping[str, str], change: Mapping[str, str | None] | None) -> dict[str, str]:
    """The metadata after an update: keys set to None are gone, and None instead of a mapping removes them all."""
    if change is None:
        return {}
    return {key: value for key, value in {**old, **change}.items() if value is not None}


TEXT = Text()
CLEARABLE = Text(clears=True)
BOOLEAN = Boolean()
METADATA = Metadata()
EXPAND = ListOf(Text(length_max=200), length_max=50)
ADDRESS = Struct(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), CLEARABLE))


class CreatedIn:
    """A moment in Unix seconds, or a range of them: `created[gte]=…`."""

    _range = Struct({name: Integer() for name in ("gt", "gte", "lt", "lte")})

    def read(self, value: Any, path: str) -> dict[str, int]:
        """The bounds by name; a moment is both its own bounds."""
        if isinstance(value, dict):
            return self._range.read(value, path)
        moment = Integer().read(value, path)
        return {"gte": moment, "lte": moment}


LIST = {
    "created": CreatedIn(),
    "limit": Integer(least=1, most=100),
    "starting_after": TEXT,
    "ending_before": TEXT,
    "expand": EXPAND,
}


def _shown(value: Any) -> str:
    return value[:100] if isinstance(value, str) else "an object"
