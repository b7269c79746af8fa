"""asyncapi_tests.py BUILD: the AsyncAPI document of each ready configuration, by the published schema of AsyncAPI 3.0, and by
what that schema cannot say."""

import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT7

root = Path(__file__).resolve().parents[2]
program = Path(sys.argv.pop(1)) / "pbxbridge"
configurations = sorted((root / "config").glob("*.yaml"))
event_types = {path.name.removesuffix(".schema.json") for path in (root / "docs/schemas/events").glob("*.schema.json")}



def document_of(configuration: Path) -> dict:
    command = [program, "reference", "asyncapi", "--config", configuration]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def validator() -> jsonschema.Draft7Validator:
    schema = json.loads((root / "tests/data/asyncapi-3.0.0.schema.json").read_text())
    definitions = [DRAFT7.create_resource(each) for each in schema["definitions"].values()]
    registry = Registry().with_resources((each.id(), each) for each in definitions)
    return jsonschema.Draft7Validator(schema, registry=registry)


def references(value: object) -> list[str]:
    if isinstance(value, list):
        return [each for item in value for each in references(item)]
    if not isinstance(value, dict):
        return []
    return [each for key, item in value.items() for each in ([item] if key == "$ref" else references(item))]


def target(document: dict, reference: str) -> object:
    value = document
    for name in reference.removeprefix("#/").split("/"):
        value = value[name]
    return value


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.validator = validator()
        cls.documents = {path.name: document_of(path) for path in configurations}

    def test_are_valid_by_the_published_schema(self) -> None:
        self.assertTrue(self.documents)
        for name, document in self.documents.items():
            with self.subTest(name):
                faults = [f"{fault.json_path}: {fault.message}" for fault in self.validator.iter_errors(document)]
                self.assertEqual(faults, [])

    def test_name_only_what_they_have(self) -> None:
        for name, document in self.documents.items():
            for reference in references(document):
                with self.subTest(name, reference=reference):
                    self.assertIsNotNone(target(document, reference))

    def test_describe_each_parameter_of_an_address_and_no_other(self) -> None:
        for name, document in self.documents.items():
            for channel in document["channels"].values():
                with self.subTest(name, address=channel["address"]):
                    named = re.findall(r"\{([^}]*)\}", channel["address"])
                    self.assertEqual(set(named), set(channel.get("parameters", {})))

    def test_name_servers_as_the_specification_asks(self) -> None:
        for name, document in self.documents.items():
            for server in document["servers"]:
                with self.subTest(name):
                    self.assertRegex(server, r"^[A-Za-z0-9_\-]+$")

    def test_have_payload_schemas_that_hold_for_a_validator(self) -> None:
        for name, document in self.documents.items():
            for schema in document["components"]["schemas"].values():
                with self.subTest(name):
                    jsonschema.Draft7Validator.check_schema(schema)

    def test_have_the_schema_of_each_documented_event_type_that_they_send(self) -> None:
        for name, document in self.documents.items():
            for message in document["components"]["messages"].values():
                if message["name"] in event_types:
                    with self.subTest(name, message=message["name"]):
                        self.assertIn(f"#/components/schemas/{message['name']}", references(message["payload"]))

    def test_send_each_operation_s_messages_on_a_channel_that_has_them(self) -> None:
        for name, document in self.documents.items():
            for operation in document["operations"].values():
                channel = operation["channel"]["$ref"]
                for message in references(operation["messages"]):
                    with self.subTest(name, message=message):
                        self.assertTrue(message.startswith(channel + "/messages/"))


unittest.main(argv=sys.argv)
