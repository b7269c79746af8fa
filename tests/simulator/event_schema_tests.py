"""The vendor's samples and the simulator's events are as docs/schemas/events says: event_schema_tests.py PROGRAMS."""

import json
import sys
import unittest
from collections import Counter
from pathlib import Path

import jsonschema
from event_schemas import EVENT_TYPES, SCHEMAS, faults, root, surprises
from simulated_pbx import SimulatedPbx
from wire import SYSTEM_ADMINISTRATOR, Client, authenticated

programs = Path(sys.argv[1])
EVENTS = 5_000
ENOUGH = 200_000  # to have had even those that are rare
TENANTS = ["710000000000000001", "720000000000000001"]
GLOBAL_TOPICS = [f"global_{family}_events"
                 for family in ("extension_management", "extension", "cdr", "queue_management", "queue")]


# Topics of version 16 and their keys, as the vendor lists them.
EVENTS_OF_16 = {
    "extension_events": ["extension_register", "call_hold", "call_unhold", "call_start", "call_established", "call_ended",
                         "call_noanswer", "call_reroute", "call_fail", "target_add", "target_ringing", "target_noanswer",
                         "target_fail", "target_ended"],
    "cdr_events": ["call_cdr"],
    "queue_events": ["queue_status", "queue_member_state"],
    "trunk_events": ["trunk_connected", "trunk_disconnected"],
}


def samples() -> list[dict]:
    """The vendor's own words for each event."""
    return [json.loads(file.read_text()) for file in sorted((root / "tests" / "support" / "events").glob("*.json"))]


class EventSchemas(unittest.TestCase):
    def test_are_schemas_and_named_after_their_event_type(self):
        for name, schema in SCHEMAS.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertTrue(schema["$id"].endswith(f"/{name}.schema.json"))
        for event_type in EVENT_TYPES:
            if event_type != "bridge_home_assistant":  # which has the keys of Home Assistant and no other
                self.assertEqual(SCHEMAS[event_type]["properties"]["event_type"], {"const": event_type})

    def test_take_each_sample_of_the_vendor(self):
        self.assertEqual(len(samples()), 18)
        for sample in samples():
            self.assertEqual(surprises(sample), [])

    def test_name_each_field_that_a_sample_has(self):
        """A field that changes its type in a sample is a fault, so none passes unread."""
        for sample in samples():
            for key in sample.keys() - {"event_type"}:
                self.assertNotEqual(faults(sample | {key: {"no": "such type"}}), [], f"{sample['event_type']}.{key}")

    def test_take_what_the_vendor_says_a_pbx_may_do(self):
        call = next(sample for sample in samples() if sample["event_type"] == "extension_call")
        self.assertEqual(faults(call | {"call_status": "ON_ACLL", "new_in_23": {"a": 1}}), [])
        self.assertEqual(len(surprises(call | {"call_status": "ON_ACLL", "new_in_23": {"a": 1}})), 2)
        record = next(sample for sample in samples() if sample["event_type"] == "call_cdr")
        for code in (0, "0"):
            self.assertEqual(surprises(record | {"status_code": code}), [])

    def test_find_what_is_wrong(self):
        record = next(sample for sample in samples() if sample["event_type"] == "call_cdr")
        self.assertNotEqual(faults({key: value for key, value in record.items() if key != "session_id"}), [])
        self.assertNotEqual(faults(record | {"start_time": 1764000061}), [], "times are texts")
        self.assertNotEqual(faults(record | {"tenant_id": "acme"}), [], "ids are digits")
        self.assertNotEqual(faults({"event_type": "call_dropped"}), [])


class SimulatedEvents(unittest.TestCase):
    def assert_as_the_schemas_say(self, client: Client, expected: set[str]) -> None:
        """Waits for so many events, and then until one of each has come."""
        seen = Counter()
        while (count := seen.total()) < EVENTS or (count < ENOUGH and not expected <= seen.keys()):
            event = client.next_event()
            self.assertEqual(surprises(event), [], event)
            seen[event["event_type"]] += 1
        self.assertEqual(set(seen), expected)

    def test_are_as_the_schemas_say(self):
        targets = {f"cdr_target_{step}" for step in ("add", "answer", "noanswer", "fail", "end")}
        with SimulatedPbx(programs, "--rate", "100000", "--start-after", str(len(GLOBAL_TOPICS))) as pbx, \
                authenticated(pbx.url, SYSTEM_ADMINISTRATOR) as client:
            for topic in GLOBAL_TOPICS:
                self.assertEqual(client.subscribe(topic, tenants=TENANTS)["status"], 0)
            self.assert_as_the_schemas_say(client, {sample["event_type"] for sample in samples()} | targets)

    def test_are_so_in_version_16_as_well(self):
        with SimulatedPbx(programs, "--rate", "100000", "--start-after", "4", "--dialect", "16") as pbx, \
                Client(pbx.url) as client:
            self.assertEqual(client.authenticate(name="example", password="secret")["status"], 0)
            topics = [{"topic": topic, "keys": keys} for topic, keys in EVENTS_OF_16.items()]
            self.assertEqual(client.ask({"command": "subscribe", "topics": topics})["status"], 0)
            self.assert_as_the_schemas_say(client, {key for keys in EVENTS_OF_16.values() for key in keys})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
