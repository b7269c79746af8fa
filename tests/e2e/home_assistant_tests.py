"""Announcements to Home Assistant, on a real mosquitto and by Home Assistant's own code: home_assistant_tests.py PROGRAMS."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
from homeassistant.components.mqtt import binary_sensor, event, sensor
from homeassistant.components.mqtt.mixins import MQTT_ENTITY_DEVICE_INFO_SCHEMA
from homeassistant.helpers.template import TemplateEnvironment

from waiting import Child, eventually

root = Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests/bench"))
from runner.ports import free_port  # no outgoing connection takes it while the broker is stopped

programs = Path(sys.argv.pop(1))

SCHEMAS = {"sensor": sensor.DISCOVERY_SCHEMA, "binary_sensor": binary_sensor.DISCOVERY_SCHEMA,
           "event": event.DISCOVERY_SCHEMA}
# Home Assistant 2024.11: what a device's message may have, and what of it each component takes over.
OF_A_DEVICE = {"device", "components", "origin", "availability", "availability_mode"}
SHARED = {"availability", "availability_mode"}
# The schema of 2024.3 does not know it; later ones ask for it with `device_class: enum`.
NEWER = {"options"}
DROPPED_LATER = {"object_id"}
DEVICE = json.loads((root / "docs/schemas/events/bridge_home_assistant.schema.json").read_text())

DEVICES = {"pbxbridge_board_hq", "pbxbridge_hq_extension_101", "pbxbridge_hq_extension_102", "pbxbridge_hq_queue_8001"}


def configuration(directory: Path, simulator: str, port: int) -> str:
    """The ready one, with this PBX and this broker."""
    text = (root / "config/home-assistant.yaml").read_text()
    text = re.sub(r"password_file: /run/secrets/pbx_password", "password: secret", text)
    text = re.sub(r"\n    username: \$\{MQTT_USERNAME[^\n]*\n    password_file: [^\n]*", "", text)
    return (text.replace("${PBX_URL:-wss://pbx.example.com:8887/wsi}", simulator)
            .replace("${PBX_USERNAME:-home}", "bridge")
            .replace("${PBX_DOMAIN:-example.com}", "example.test")
            .replace("${MQTT_URL:-mqtts://mqtt.example.com:8883}", f"mqtt://127.0.0.1:{port}")
            .replace("${PBXBRIDGE_SPOOL:-/var/lib/pbxbridge}", f"{directory}/spool") + 'admin: { listen: "" }\n')


def rendered(template: str, payload: str) -> str:
    """Renders a value template as Home Assistant does."""
    variables = {"value": payload}
    if payload:
        variables["value_json"] = json.loads(payload)
    return TemplateEnvironment(None).from_string(template).render(variables)


def entities(message: dict) -> dict[str, dict]:
    """The components of a device, each with what the device shares."""
    shared = {key: message[key] for key in SHARED & message.keys()} | {"device": message["device"]}
    return {key: shared | component for key, component in message["components"].items()}


class HomeAssistant(unittest.TestCase):
    def setUp(self) -> None:
        self._directory = tempfile.TemporaryDirectory()
        self.addCleanup(self._directory.cleanup)
        self._port = free_port()
        mosquitto = self._start([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-p", self._port], "mosquitto")
        mosquitto.wait_for("running")
        simulator = self._start([programs / "pbxbridge-sim", "--rate", "20", "--verbose"], "simulator")
        url = next(word for word in simulator.wait_for("ws://").split() if word.startswith("ws://"))
        self._file = Path(self._directory.name) / "pbxbridge.yaml"
        self._file.write_text(configuration(Path(self._directory.name), url, self._port))
        self._bridge = self._run_bridge()

    def _start(self, command: list, name: str) -> Child:
        child = Child([str(word) for word in command], Path(self._directory.name) / f"{name}.log")
        self.addCleanup(child.end)
        return child

    def _run_bridge(self) -> Child:
        return self._start([programs / "pbxbridge", "run", "--config", self._file], "pbxbridge")

    def _rewrite(self, before: str, after: str) -> None:
        text = self._file.read_text()
        self.assertIn(before, text)
        self._file.write_text(text.replace(before, after))

    def retained(self, topics: str) -> dict[str, str]:
        """Payloads by topic."""
        command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self._port), "-t", topics, "--retained-only", "-W", "1",
                   "-F", "%t %p"]
        lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def announced(self, prefix: str = "homeassistant") -> dict[str, dict]:
        """Messages by the device's id."""
        topics = self.retained(f"{prefix}/#")
        for topic in topics:
            self.assertRegex(topic, rf"^{prefix}/device/[a-zA-Z0-9_-]+/config$")
        return {topic.split("/")[2]: json.loads(payload) for topic, payload in topics.items()}

    def wait_for_devices(self, ids: set[str], prefix: str = "homeassistant") -> dict[str, dict]:
        return eventually(lambda: (found := self.announced(prefix)).keys() == ids and (found or {"none": {}}),
                          f"{ids} are announced under {prefix}: {self._bridge.log.read_text()[-2000:]}")

    def test_each_component_is_valid_by_home_assistants_own_schema(self) -> None:
        unique_ids = []
        for device_id, message in self.wait_for_devices(DEVICES).items():
            self.assertLessEqual(message.keys(), OF_A_DEVICE)
            self.assertEqual(message["device"]["identifiers"], [device_id])
            MQTT_ENTITY_DEVICE_INFO_SCHEMA(message["device"])
            jsonschema.validate(message, DEVICE)
            for key, entity in entities(message).items():
                with self.subTest(device_id, key=key):
                    platform = entity.pop("platform")
                    valid = SCHEMAS[platform](dict(entity))
                    self.assertLessEqual(entity.keys() - valid.keys(), NEWER)
                    self.assertFalse(entity.keys() & DROPPED_LATER)
                    unique_ids.append(entity["unique_id"])
        self.assertEqual(len(unique_ids), len(set(unique_ids)))

    def test_availability_is_that_of_pbxbridge_and_of_the_link(self) -> None:
        message = self.wait_for_devices(DEVICES)["pbxbridge_hq_extension_101"]
        status, link = message["availability"]
        eventually(lambda: self.retained(status["topic"]).get(status["topic"]) == "online", "pbxbridge is online")

        def says(available: str) -> bool:
            document = self.retained(link["topic"]).get(link["topic"], "")
            return bool(document) and rendered(link["value_template"], document) == available

        eventually(lambda: says("online"), "the PBX streams")
        self._bridge.process.kill()
        eventually(lambda: self.retained(status["topic"]).get(status["topic"]) == "offline", "the will says offline")

    def test_the_link_is_what_its_entities_show(self) -> None:
        components = self.wait_for_devices(DEVICES)["pbxbridge_board_hq"]["components"]
        topic = components["state"]["state_topic"]

        def streams() -> bool:
            document = self.retained(topic).get(topic, "")
            return bool(document) and rendered(components["state"]["value_template"], document) == "streaming"

        eventually(streams, "the PBX streams")
        document = self.retained(topic)[topic]
        self.assertIn("streaming", components["state"]["options"])
        self.assertRegex(rendered(components["since"]["value_template"], document), r"^\d{4}-\d\d-\d\dT.*Z$")
        self.assertEqual(rendered(components["subscriptions_refused"]["value_template"], document), "0")

    def test_lag_and_spool_are_what_their_entities_show(self) -> None:
        components = self.wait_for_devices(DEVICES)["pbxbridge_board_hq"]["components"]
        topic = components["lag_events"]["state_topic"]
        self.assertEqual(components["spool_bytes"]["state_topic"], topic)
        payload = eventually(lambda: self.retained(topic).get(topic), f"{topic} is retained")
        for key in ("lag_events", "spool_bytes"):
            self.assertEqual(rendered(components[key]["value_template"], payload), str(json.loads(payload)[key]))

    def test_the_states_are_what_the_entities_show(self) -> None:
        devices = self.wait_for_devices(DEVICES)
        for device_id in DEVICES - {"pbxbridge_board_hq"}:
            components = devices[device_id]["components"]
            topics = {component["state_topic"] for component in components.values()}
            self.assertEqual(len(topics), 1)
            topic = topics.pop()
            payload = eventually(lambda topic=topic: self.retained(topic).get(topic), f"{topic} is retained")
            document = json.loads(payload)
            for key, component in components.items():
                with self.subTest(device_id, key=key, document=document):
                    shown = rendered(component["value_template"], payload)
                    if component.get("device_class") == "timestamp":
                        seconds = document[key]
                        self.assertEqual(shown, str(datetime.fromtimestamp(seconds, UTC)) if seconds else "None")
                    elif component["platform"] == "binary_sensor":
                        self.assertIn(shown, {"ON", "OFF"})
                    else:
                        self.assertEqual(shown, str(document[key]))
                        self.assertIn(shown, component.get("options", [shown]))

    def test_a_device_that_is_no_longer_wanted_is_taken_back(self) -> None:
        self.wait_for_devices(DEVICES)
        self._rewrite('sink: board\n  extensions: ["101", "102"]', 'sink: board\n  extensions: ["101"]')
        os.kill(self._bridge.process.pid, signal.SIGHUP)
        self.wait_for_devices(DEVICES - {"pbxbridge_hq_extension_102"})

    def test_devices_move_to_another_prefix_over_a_restart(self) -> None:
        self.wait_for_devices(DEVICES)
        self._bridge.end()
        self._rewrite("  sink: board\n  extensions", "  sink: board\n  prefix: ha\n  extensions")
        self._bridge = self._run_bridge()
        self.wait_for_devices(DEVICES, "ha")
        self.wait_for_devices(set())

    def _remove_home_assistant(self) -> None:
        text = self._file.read_text()
        section = re.search(r"^home_assistant:\n(?:  .*\n)+", text, re.MULTILINE)
        self.assertIsNotNone(section)
        self._file.write_text(text.replace(section.group(), ""))

    def test_without_the_section_all_devices_are_taken_back_by_a_reload(self) -> None:
        self.wait_for_devices(DEVICES)
        self._remove_home_assistant()
        os.kill(self._bridge.process.pid, signal.SIGHUP)
        self.wait_for_devices(set())

    def test_without_the_section_all_devices_are_taken_back_by_a_restart(self) -> None:
        self.wait_for_devices(DEVICES)
        self._bridge.end()
        self._remove_home_assistant()
        self._bridge = self._run_bridge()
        self.wait_for_devices(set())

    def test_a_document_that_is_gone_is_unknown(self) -> None:
        for message in self.wait_for_devices(DEVICES).values():
            for key, entity in message["components"].items():
                if template := entity.get("value_template"):
                    with self.subTest(entity["unique_id"]):
                        self.assertIn(rendered(template, ""), {"None", "OFF"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
