"""Checks recorded API exchanges against the companies' own OpenAPI descriptions.

The descriptions are not part of the project: they are read from the folder named by PORCHLIGHT_SHARED, or from
`../shared` beside the project, and tests that need one are left out, saying so, where it is absent.

An exchange is what the sandbox writes to SANDBOX_RECORD_FILE: service, method, operation (the path's template), params
(nested, strings), status and answer. So any test can let a sandbox record and have all of its traffic checked:

    assert check_recording(tmp_path / "exchanges.jsonl").problems == []
"""

import functools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

PROJECT = Path(__file__).resolve().parents[2]
FILES = {"stripe": "stripe.com.json", "twilio": "twilio_api_v2010.json"}
DESCRIPTION_URI = "urn:description"
PROBLEMS_MAX = 50
FORM = "application/x-www-form-urlencoded"


def description_file(service: str) -> Path:
    """Where the description of `stripe` or `twilio` is, or would be."""
    shared = Path(os.environ.get("PORCHLIGHT_SHARED") or PROJECT.parent / "shared")
    return shared / "specs" / FILES[service]


def require_descriptions() -> None:
    """Skips the test, naming the file, where a description is absent."""
    for service in FILES:
        if not description_file(service).is_file():
            pytest.skip(f"{description_file(service)} is absent: nothing to check the stand-ins against")


@dataclass
class Report:
    """What a recording holds: how many exchanges of each operation, and what is wrong with them."""

    exchanges: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many exchanges there are."""
        return sum(self.exchanges.values())


def check_recording(path: Path) -> Report:
    """Checks every exchange of a file; the first problems are reported, up to a limit."""
    report = Report()
    for line in path.read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        name = f"{exchange['method']} {exchange['operation']}"
        report.exchanges[name] = report.exchanges.get(name, 0) + 1
        if len(report.problems) < PROBLEMS_MAX:
            report.problems.extend(described(exchange["service"]).check(exchange))
    return report


@functools.cache
def described(service: str) -> "Description":
    """The description of a service, read once a run."""
    return Description(json.loads(description_file(service).read_text(encoding="utf-8")))


class Description:
    """An OpenAPI 3.0 description, with the validators made so far."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document = with_nulls(document)
        # Only the JSON-Schema part is registered: the descriptions use no other kind of reference.
        resource = DRAFT4.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(DESCRIPTION_URI, resource)
        self._validators: dict[str, Draft4Validator] = {}

    def schema(self, name: str) -> dict[str, Any]:
        """A named schema."""
        found: dict[str, Any] = self._document["components"]["schemas"][name]
        return found

    def problems(self, name: str, value: Any) -> list[str]:
        """What is wrong with a value of a named schema."""
        return self._problems(f"/components/schemas/{name}", value)

    def check(self, exchange: Mapping[str, Any]) -> list[str]:
        """What is wrong with an exchange's request and with its answer; empty where both are as described."""
        template, method, status = exchange["operation"], exchange["method"].lower(), str(exchange["status"])
        where = f"{exchange['method']} {template} {status}"
        operation = self._operation(template, method)
        if operation is None:
            return [f"{where}: no such operation"]
        problems = []
        # A refused request may well break the description: that is why it was refused.
        if status.startswith("2"):
            problems += [f"{where}: request: {text}" for text in self._request_problems(operation, exchange["params"])]
        answers = operation[1]["responses"]
        if status in answers or "default" in answers:
            key = status if status in answers else "default"
            pointer = f"{operation[0]}/responses/{key}/content/application~1json/schema"
            problems += [f"{where}: answer: {text}" for text in self._problems(pointer, exchange["answer"])]
        return problems

    def _operation(self, template: str, method: str) -> tuple[str, dict[str, Any]] | None:
        names = template_names(template)
        for path, methods in self._document["paths"].items():
            if template_names(path) == names and method in methods:
                escaped = path.replace("~", "~0").replace("/", "~1")
                return f"/paths/{escaped}/{method}", methods[method]
        return None

    def _request_problems(self, operation: tuple[str, dict[str, Any]], params: Any) -> Iterator[str]:
        pointer, described_ = operation
        if "post" in pointer.rsplit("/", 1)[-1]:
            content = described_.get("requestBody", {}).get("content", {})
            if FORM in content:
                schema = content[FORM]["schema"]
                typed = self.typed(params, schema)
                yield from self._problems(f"{pointer}/requestBody/content/{FORM.replace('/', '~1')}/schema", typed)
                for name in set(params) - set(schema.get("properties", {})):
                    yield f"{name}: not described"
            return
        queries = {each["name"]: each for each in described_.get("parameters", []) if each["in"] == "query"}
        for name, value in params.items():
            if name not in queries:
                yield f"{name}: not described"
                continue
            schema = queries[name]["schema"]
            yield from (f"{name}: {text}" for text in self._schema_problems(schema, self.typed(value, schema)))
        for name, each in queries.items():
            if each.get("required") and name not in params:
                yield f"{name}: missing"

    def typed(self, value: Any, schema: Mapping[str, Any]) -> Any:
        """A form's strings as the schema's types, wherever they can be read so; else as they are."""
        if "$ref" in schema:
            return self.typed(value, self.schema(schema["$ref"].rsplit("/", 1)[-1]))
        if "anyOf" in schema:
            readings = [self.typed(value, each) for each in schema["anyOf"]]
            fitting = (
                reading
                for reading, each in zip(readings, schema["anyOf"], strict=True)
                if not any(self._schema_problems(each, reading))
            )
            return next(fitting, readings[0])
        kind = schema.get("type")
        if isinstance(value, dict):
            if kind == "array":
                return [self.typed(value[key], schema["items"]) for key in sorted(value, key=_place)]
            inner = schema.get("properties", {})
            rest = schema.get("additionalProperties")
            rest = rest if isinstance(rest, dict) else {}
            return {key: self.typed(each, inner.get(key, rest)) for key, each in value.items()}
        if kind == "array" and value == "":
            return []
        if kind == "integer" and value.lstrip("-").isdigit():
            return int(value)
        if kind == "boolean" and value in ("true", "false"):
            return value == "true"
        return value

    def _problems(self, pointer: str, value: Any) -> list[str]:
        return list(self._said({"$ref": f"{DESCRIPTION_URI}#{pointer}"}, pointer, value))

    def _schema_problems(self, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
        absolute = json.loads(json.dumps(schema).replace('"#/', f'"{DESCRIPTION_URI}#/'))
        return self._said(absolute, json.dumps(schema, sort_keys=True), value)

    def _said(self, schema: dict[str, Any], name: str, value: Any) -> Iterator[str]:
        validator = self._validators.get(name)
        if validator is None:
            validator = self._validators[name] = Draft4Validator(schema, registry=self._registry)
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"


def with_nulls(schema: Any) -> Any:
    """OpenAPI's `nullable` as JSON Schema says it, also beside `enum` and `anyOf`, where the companies mean it too.

    What remains is JSON Schema's draft 4, for which the validator is made.
    """
    if isinstance(schema, list):
        return [with_nulls(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rewritten = {name: with_nulls(each) for name, each in schema.items() if each is not True or name != "nullable"}
    return {"anyOf": [rewritten, {"type": "null"}]} if schema.get("nullable") is True else rewritten


def template_names(template: str) -> tuple[str, ...]:
    """A path's parts, with every placeholder alike: each side names its own."""
    return tuple("{}" if part.startswith("{") else part for part in template.replace("}.json", "}").split("/"))


def _place(key: str) -> int:
    return int(key) if key.isdigit() else 0
