"""A client that reads nothing but the events can account for each of 100,000: consistency_tests.py PROGRAMS."""

import sys
import unittest
from pathlib import Path

from simulated_pbx import SimulatedPbx
from wire import SYSTEM_ADMINISTRATOR, Client, authenticated
from witnesses import Calls, Queues, Telephones

programs = Path(sys.argv[1])
EVENTS = 100_000
TENANTS = ["710000000000000001", "720000000000000001"]
TOPICS_OF_22 = [f"global_{family}_events" for family in ("extension", "cdr", "queue")]
TOPICS_OF_16 = ["extension_events", "cdr_events", "queue_events", "trunk_events"]


class Consistency(unittest.TestCase):
    def follow(self, client: Client, *witnesses) -> None:
        for _ in range(EVENTS):
            event = client.next_event()
            for witness in witnesses:
                witness.see(event)

    def follow_version_22(self, tenants: list[str], *options: str) -> None:
        calls, telephones, queues = Calls(), Telephones(), Queues()
        with SimulatedPbx(programs, "--rate", "100000", "--start-after", str(len(TOPICS_OF_22)), *options) as pbx, \
                authenticated(pbx.url, SYSTEM_ADMINISTRATOR) as client:
            for topic in TOPICS_OF_22:
                self.assertEqual(client.subscribe(topic, tenants=tenants)["status"], 0)
            self.follow(client, calls, telephones, queues)
        self.assertGreater(calls.ended, 3_000)
        self.assertGreater(queues.compared, 500)

    def test_of_version_22(self):
        self.follow_version_22(TENANTS)

    def test_of_ten_thousand_extensions(self):
        self.follow_version_22(TENANTS[:1], "--tenants", "1", "--extensions", "10000", "--queues", "900")

    def test_of_version_16(self):
        calls = Calls()
        options = "--rate", "100000", "--start-after", str(len(TOPICS_OF_16)), "--dialect", "16"
        with SimulatedPbx(programs, *options) as pbx, Client(pbx.url) as client:
            self.assertEqual(client.authenticate(name="example", password="secret")["status"], 0)
            topics = [{"topic": topic} for topic in TOPICS_OF_16]
            self.assertEqual(client.ask({"command": "subscribe", "topics": topics})["status"], 0)
            self.follow(client, calls)
        self.assertGreater(calls.ended, 3_000)
        for kind in ("call_hold", "call_reroute", "call_noanswer", "call_fail"):
            self.assertGreater(calls.seen[kind], 0, kind)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
