"""The dashboards of deploy/grafana that show state ask for documents and fields that their schemas have."""

import json
import re
import unittest
from pathlib import Path

root = Path(__file__).resolve().parents[2]
PLUGINS = {"state-mqtt.json": "grafana-mqtt-datasource", "state-kafka.json": "hamedkarbasi93-kafka-datasource"}
# Fields that a plug-in adds to those of a document.
OWN_FIELDS = {"state-mqtt.json": {"Time"}, "state-kafka.json": {"time"}}


def dashboard(name: str) -> dict:
    return json.loads((root / "deploy/grafana" / name).read_text())


def event_type(target: dict) -> str:
    """Returns the type of the documents under the topic; empty where it is the status topic."""
    found = re.search(r"\b(state_\w+|bridge_link)\b", target.get("topic") or target["topicName"].replace(".", "/"))
    return found[1] if found else ""


def fields_of_schema(name: str) -> set[str]:
    return set(json.loads((root / f"docs/schemas/events/{name}.schema.json").read_text())["properties"])


def values(name: str, field: str) -> set[str]:
    return set(json.loads((root / f"docs/schemas/events/{name}.schema.json").read_text())["properties"][field]["enum"])


def unknown_fields(panel: dict, known: set[str]) -> set[str]:
    """Those that its transformations and overrides name, step by step, and that are not there by then."""
    unknown = set()
    for step in panel["transformations"]:
        options = step["options"]
        used: set[str] = set()
        if step["id"] == "calculateField":
            used = {options["binary"]["left"]}
            known = known | {options["alias"]}
        elif step["id"] == "filterByValue":
            used = {each["fieldName"] for each in options["filters"]}
        elif step["id"] == "filterFieldsByName":
            used = set(options["include"]["names"])
        elif step["id"] == "partitionByValues":
            used = set(options["fields"])
        elif step["id"] == "groupBy":
            used = set(options["fields"])
            unknown |= used - known
            known = {name if each["operation"] == "groupby" else f"{name} ({each['aggregations'][0]})"
                     for name, each in options["fields"].items()}
            continue
        elif step["id"] == "organize":
            used = {*options["excludeByName"], *options["indexByName"], *options["renameByName"]}
            unknown |= used - known
            known = {options["renameByName"].get(each, each) for each in known - options["excludeByName"].keys()}
            continue
        else:
            used = {f"the transformation {step['id']}"}
        unknown |= used - known
    return unknown | {each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]} - known


class StateDashboards(unittest.TestCase):
    def test_ask_their_plug_in(self) -> None:
        for name, plugin in PLUGINS.items():
            made = dashboard(name)
            self.assertEqual(made["templating"]["list"][0]["query"], plugin)
            for panel in made["panels"]:
                for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
                    self.assertEqual(source, {"type": plugin, "uid": "${datasource}"})

    def test_ask_for_fields_that_the_documents_have(self) -> None:
        for name in PLUGINS:
            for panel in dashboard(name)["panels"]:
                for target in panel["targets"]:
                    if document := event_type(target):
                        known = fields_of_schema(document) | OWN_FIELDS[name]
                        self.assertEqual(unknown_fields(panel, known), set(), f"{name}: {panel['title']}")

    def test_colour_each_state(self) -> None:
        for name in PLUGINS:
            for panel in dashboard(name)["panels"]:
                document = event_type(panel["targets"][0])
                for override in panel["fieldConfig"]["overrides"]:
                    if override["matcher"]["options"] == "State":
                        mapped = set(override["properties"][0]["value"][0]["options"])
                        self.assertEqual(mapped, values(document, "state"), f"{name}: {panel['title']}")

    def test_show_each_kind_of_document(self) -> None:
        for name in PLUGINS:
            shown = {event_type(target) for panel in dashboard(name)["panels"] for target in panel["targets"]} - {""}
            self.assertEqual(shown, {"bridge_link", "state_queue", "state_agent", "state_extension"}, name)

    def test_a_field_that_is_missing_is_found(self) -> None:
        panel = next(each for each in dashboard("state-mqtt.json")["panels"] if each["title"] == "Queues")
        known = {"Time", "pbx", "queue_id"}
        self.assertIn("waiting", unknown_fields(panel, known))


if __name__ == "__main__":
    unittest.main()
