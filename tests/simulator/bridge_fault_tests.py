"""pbxbridge meets each fault, says so, and goes on: bridge_fault_tests.py PROGRAMS."""

import base64
import json
import sys
import tempfile
import unittest
from pathlib import Path

from bridge import Bridge, eventually
from simulated_pbx import SimulatedPbx

programs = Path(sys.argv[1])


class BridgeFaults(unittest.TestCase):
    def start(self, *options: str, more: str = "") -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.pbx = SimulatedPbx(programs, *[option.format(directory=directory.name) for option in options])
        self.addCleanup(self.pbx.__exit__)
        self.bridge = Bridge(programs, Path(directory.name), self.pbx.url, more.format(directory=directory.name))
        self.addCleanup(self.bridge.__exit__)
        self.pushed = 0
        self.bridge.wait_for_log("pbx.authenticated")
        self.assert_events_flow()

    def assert_events_flow(self) -> None:
        """A subscription is known to be granted by the first event alone, so it is asked for until one is."""
        self.pushed += 1
        mark = f"mark-{self.pushed}"
        command = f'push {{"event_type":"call_start","session_id":"{mark}"}}'
        eventually(lambda: self.pbx.command(command) != "ok push 0 clients", "a subscription is granted", 30)
        self.bridge.wait_for_event(mark.encode())

    def test_what_ends_the_connection_is_followed_by_another(self):
        self.start()
        for command in ("close 1000", "close 1001", "close 1008", "close 1011", "close 1012 restart", "drop fin",
                        "drop rst", "half-frame"):
            with self.subTest(command):
                self.pbx.command(command)
                self.bridge.wait_for_log("pbx.connection_lost")
                self.bridge.wait_for_log("pbx.authenticated")
                self.assert_events_flow()

    def test_what_makes_the_pbx_dumb_is_noticed_and_over_when_it_is_over(self):
        self.start()
        for command in ("silent on", "trickle 1", "stop-reading on"):
            with self.subTest(command):
                self.pbx.command(command)
                self.bridge.wait_for_log("pbx.connection_lost")
                self.pbx.command(command.split()[0] + " off")
                self.bridge.wait_for_log("pbx.authenticated")
                self.assert_events_flow()

    def test_hostile_messages_break_nothing(self):
        self.start()
        self.pbx.command("huge-frame")
        self.bridge.wait_for_log("pbx.event_too_large")
        self.pbx.command('fragments 1000 {"event_type":"call_start","session_id":"in fragments"}')
        self.bridge.wait_for_event(b'{"event_type":"call_start","session_id":"in fragments"}')
        self.pbx.command("invalid-utf8")
        line = json.loads(self.bridge.wait_for_event(b"data_base64"))
        self.assertIn(b"M\xfcller", base64.b64decode(line["data_base64"]))
        self.pbx.command("deep-json")
        self.assertEqual(self.bridge.wait_for_event(b"[[[").count(b"["), 5000)
        self.pbx.command("ping-flood 10000")
        self.assert_events_flow()
        self.assertTrue(self.bridge.still_runs())

    def test_a_handshake_that_is_rejected_is_explained(self):
        self.start()
        for status in ("301", "401", "403", "404", "429 1", "503 1"):
            with self.subTest(status):
                self.pbx.command(f"upgrade {status}")
                self.pbx.command("drop fin")
                self.bridge.wait_for_log("pbx.connection_failed", f"HTTP status {status[:3]}")
                self.pbx.command("upgrade off")
                self.bridge.wait_for_log("pbx.authenticated")
        self.assert_events_flow()

    def test_an_account_and_a_topic_that_are_rejected(self):
        self.start()
        self.pbx.command("reject-auth on")
        self.pbx.command("drop fin")
        self.bridge.wait_for_log("pbx.auth_rejected")
        self.pbx.command("reject-auth off")
        self.pbx.command("reject queue_events not today")
        self.bridge.wait_for_log("pbx.subscription_rejected", "not today")
        self.assert_events_flow()

    def test_a_pbx_that_forgets_to_answer(self):
        self.start()
        self.pbx.command("forget-answers on")
        self.pbx.command("drop fin")
        self.bridge.wait_for_log("pbx.connection_failed")
        self.pbx.command("forget-answers off")
        self.bridge.wait_for_log("pbx.authenticated")
        self.assert_events_flow()

    def test_an_expired_certificate(self):
        self.start("--tls-directory", "{directory}", more='tls: {{ ca_file: "{directory}/ca.pem" }}')
        self.pbx.command("expire-certificate on")
        self.pbx.command("drop fin")
        self.bridge.wait_for_log("pbx.connection_failed", "expired")
        self.pbx.command("expire-certificate off")
        self.bridge.wait_for_log("pbx.authenticated")
        self.assert_events_flow()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
