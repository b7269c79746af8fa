"""The schemas of docs/schemas/events, and how an event differs from its own."""

import copy
import json
from pathlib import Path

import jsonschema
from referencing import Registry, Resource

root = Path(__file__).resolve().parents[2]


def _load() -> dict[str, dict]:
    files = (root / "docs" / "schemas" / "events").glob("*.schema.json")
    return {file.name.removesuffix(".schema.json"): json.loads(file.read_text()) for file in files}


def strict(schema: object) -> object:
    """The same, but no field and no enumerator is valid that the schema does not name."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    if isinstance(result.get("properties"), dict):
        result["additionalProperties"] = False
    if {"type": "string"} in result.get("anyOf", []):
        result["anyOf"] = [each for each in result["anyOf"] if "enum" in each]
    return result


SCHEMAS = _load()
EVENT_TYPES = sorted(set(SCHEMAS) - {"common"})


def _validators(schemas: dict[str, dict]) -> dict[str, jsonschema.Draft202012Validator]:
    registry = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in schemas.values())
    return {name: jsonschema.Draft202012Validator(schemas[name], registry=registry) for name in EVENT_TYPES}


_open = _validators(SCHEMAS)
_strict = _validators({name: strict(copy.deepcopy(schema)) for name, schema in SCHEMAS.items()})


def _faults(validators: dict, event: dict) -> list[str]:
    event_type = event.get("event_type")
    if event_type not in validators:
        return [f"{event_type}: there is no schema for it"]
    return [f"{event_type} {fault.json_path}: {fault.message}" for fault in validators[event_type].iter_errors(event)]


def faults(event: dict) -> list[str]:
    """Something that no PBX may send."""
    return _faults(_open, event)


def surprises(event: dict) -> list[str]:
    """That, and what the documents do not name."""
    return _faults(_strict, event)
