"""A session is recorded, sanitised and replayed: recording_tests.py PROGRAMS."""

import json
import os
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from event_schemas import surprises
from simulated_pbx import SimulatedPbx
from wire import ADMINISTRATOR, authenticated

programs = Path(sys.argv[1])
PASSWORD = "correct horse battery staple"
USERS = f"""\
users:
  - {{ username: board, password: {PASSWORD}, domain: example.test, role: tenant_administrator,
       permissions: {{ users: view_only, analytics: view_only }} }}
"""


class Recordings(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        (self.directory / "users.yaml").write_text(USERS)
        (self.directory / "password").write_text(PASSWORD + "\n")
        self.account(f"username: board\ndomain: example.test\npassword_file: {self.directory}/password\n")
        self.out = self.directory / "session.ndjson"

    def account(self, text: str) -> None:
        (self.directory / "account.yaml").write_text(text)

    def pbx(self, *options: str) -> SimulatedPbx:
        return SimulatedPbx(programs, "--users", str(self.directory / "users.yaml"), *options)

    def record(self, pbx: SimulatedPbx, *options: str) -> subprocess.Popen:
        command = [programs / "pbxbridge-sim", "record", "--url", pbx.url, "--account", self.directory / "account.yaml",
                   "--out", self.out, *options]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def ended(self, recording: subprocess.Popen) -> tuple[int, str]:
        errors = recording.communicate(timeout=20)[1]
        return recording.returncode, errors

    def messages(self, file: Path | None = None) -> list[dict]:
        head, *lines = (json.loads(line) for line in (file or self.out).read_text().splitlines())
        self.assertEqual(head["pbxbridge_recording"], 1)
        return lines

    def sanitise(self, *options: str | Path) -> subprocess.CompletedProcess:
        return subprocess.run([programs / "pbxbridge-sim", "sanitise", self.out, "--out", self.directory / "clean.ndjson",
                               *options], capture_output=True, text=True, timeout=60)

    def test_hold_both_directions_in_their_order_and_never_the_password(self):
        with self.pbx("--tls-directory", str(self.directory), "--no-snapshots") as pbx:
            recording = self.record(pbx, "--topic", "cdr_events", "--topic", "extension_events=101,102",
                                    "--ca-file", self.directory / "ca.pem")
            pbx.wait_for("subscribed extension_events 101,102")
            pbx.command('push {"event_type":"call_cdr","session_id":"1"}')
            pbx.command(f'push {{"event_type":"call_cdr","user_data":"{PASSWORD}"}}')
            pbx.command("push-hex 4dfc6c6c6572")
            pbx.command("push-binary-hex 00ff")
            pbx.command("close 1001 bye")
            code, errors = self.ended(recording)
        self.assertEqual(code, 1, "a session that ends by itself is no success")
        self.assertIn("code 1001 (bye)", errors)
        self.assertIn("4 events are in", errors)
        self.assertNotIn(PASSWORD, self.out.read_text() + errors)
        self.assertEqual(stat.S_IMODE(os.stat(self.out).st_mode), 0o600)

        messages = self.messages()
        self.assertEqual([message["after_us"] for message in messages],
                         sorted(message["after_us"] for message in messages))
        sent = [json.loads(message["sent"]) for message in messages if "sent" in message]
        self.assertEqual(sent, [
            {"command": "auth", "username": "board", "password": "***", "domain": "example.test"},
            {"command": "subscribe", "topics": ["cdr_events"]},
            {"command": "subscribe", "topics": ["extension_events"], "extensions": ["101", "102"]}])
        received = [message for message in messages if "sent" not in message]
        self.assertEqual([json.loads(message["received"])["command"] for message in received[:3]],
                         ["auth", "subscribe", "subscribe"])
        self.assertEqual(received[3]["received"], '{"event_type":"call_cdr","session_id":"1"}')
        self.assertEqual(received[4]["received"], '{"event_type":"call_cdr","user_data":"[secret]"}')
        self.assertEqual(received[5]["received_hex"], "4dfc6c6c6572")
        self.assertEqual((received[6]["received_hex"], received[6]["binary"]), ("00ff", True))

    def test_end_when_the_time_is_over(self):
        with self.pbx() as pbx:
            code, errors = self.ended(self.record(pbx, "--topic", "cdr_events", "--duration", "1"))
            pbx.wait_for("gone: close 1000")
        self.assertEqual(code, 0, errors)
        self.assertIn("subscribed to cdr_events", errors)

    def test_are_not_made_over_a_connection_that_cannot_be_trusted(self):
        with self.pbx("--tls") as pbx:
            code, errors = self.ended(self.record(pbx, "--topic", "cdr_events"))
        self.assertEqual(code, 1)
        self.assertIn("certificate", errors)
        self.assertFalse(self.out.exists(), "nothing was recorded")

    def test_say_what_the_pbx_rejects(self):
        with self.pbx("--dialect", "22") as pbx:
            pbx.command("reject cdr_events not today")
            pbx.command("reject-auth on")
            code, errors = self.ended(self.record(pbx, "--topic", "cdr_events"))
            self.assertEqual(code, 1)
            self.assertIn("rejected the account (status -1", errors)
            self.assertFalse(self.out.exists(), "the next attempt can have its name")
            pbx.command("reject-auth off")
            code, errors = self.ended(self.record(pbx, "--topic", "cdr_events", "--duration", "1"))
            self.assertEqual(code, 0)
            self.assertIn("rejected cdr_events (status -1: not today)", errors)

    def test_overwrite_nothing_and_say_where_an_account_is_wrong(self):
        with self.pbx() as pbx:
            self.out.write_text("kept")
            self.assertIn("File exists", self.ended(self.record(pbx, "--topic", "cdr_events"))[1])
            self.assertEqual(self.out.read_text(), "kept")
            self.account("user: board\npassword: x\n")
            self.assertIn("account.yaml:1:1: error", self.ended(self.record(pbx, "--topic", "cdr_events"))[1])

    def test_are_sanitised_in_the_same_way_with_the_same_key(self):
        with self.pbx("--rate", "500") as pbx:
            self.ended(self.record(pbx, "--topic", "cdr_events", "--topic", "extension_events", "--topic",
                                   "queue_events", "--duration", "2"))
        key = self.directory / "key"
        self.assertEqual(self.sanitise("--key-file", key).returncode, 0)
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        clean = self.directory / "clean.ndjson"
        first = clean.read_text()
        clean.unlink()
        self.sanitise("--key-file", key)
        self.assertEqual(clean.read_text(), first)
        clean.unlink()
        self.sanitise()
        self.assertNotEqual(clean.read_text(), first, "a key of its own")

        for word in ("example.test", "710000000000000001", "18005550199", "Ada", "Byron", "Support"):
            self.assertIn(word, self.out.read_text())
            self.assertNotIn(word, first)
        before, after = self.messages(), self.messages(clean)
        self.assertEqual(len(before), len(after))
        self.assertEqual(self.calls(before), self.calls(after), "each event is still of its call")
        self.assertGreater(len(self.calls(before)), 10)
        for message in after:
            event = json.loads(message.get("received", "{}"))
            self.assertEqual(surprises(event) if "event_type" in event else [], [], "an event is still of its shape")

    def calls(self, messages: list[dict]) -> list[list[int]]:
        """The places of the events of each call, in the order in which the calls begin."""
        calls: dict[str, list[int]] = {}
        for place, message in enumerate(messages):
            event = json.loads(message.get("received", "{}"))
            if "session_id" in event:
                calls.setdefault(event["session_id"], []).append(place)
        return list(calls.values())

    def test_are_replayed_with_their_times_or_faster(self):
        with self.pbx("--no-snapshots") as pbx:
            recording = self.record(pbx, "--topic", "cdr_events", "--topic", "queue_events")
            pbx.wait_for("subscribed queue_events")
            for session in range(3):
                pbx.command(f'push {{"event_type":"call_cdr","session_id":"71{session}"}}')
            pbx.command("close 1000")
            self.ended(recording)
        self.assertEqual(self.sanitise().returncode, 0)
        self.spread_pushes(self.directory / "clean.ndjson", seconds=30)
        for speed, at_least in ((50, 1.2), (1000, 0.06)):
            with SimulatedPbx(programs, "--replay", str(self.directory / "clean.ndjson"), "--speed", str(speed)) as pbx, \
                    authenticated(pbx.url, ADMINISTRATOR) as client:
                began = time.monotonic()
                self.assertEqual(client.subscribe("cdr_events")["status"], 0)
                calls = [client.next_event()["session_id"] for _ in range(3)]
                took = time.monotonic() - began
            self.assertEqual(len(set(calls)), 3)
            self.assertTrue(at_least <= took < 30, f"speed {speed}: {took} s")

    def spread_pushes(self, recording: Path, seconds: int) -> None:
        """Lets so long pass from each event to the next."""
        lines = [json.loads(line) for line in recording.read_text().splitlines()]
        pushes = [line for line in lines if "event_type" in line.get("received", "")]
        for number, push in enumerate(pushes):
            push["after_us"] = (number + 1) * seconds * 1_000_000
        recording.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def test_that_are_damaged_are_not_sanitised_by_halves_in_silence(self):
        self.out.write_text('{"pbxbridge_recording":1,"started_us":0}\n{"after_us":1,"rec')
        result = self.sanitise()
        self.assertEqual(result.returncode, 1)
        self.assertIn("line 2", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
