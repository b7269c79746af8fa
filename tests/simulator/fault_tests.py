"""Each fault is seen by a client in another language as it is meant: fault_tests.py PROGRAMS."""

import json
import ssl
import struct
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from http import client as http_client
from pathlib import Path
from urllib.parse import urlsplit

import websocket
from bridge import eventually
from rest_tests import Rest
from simulated_pbx import SimulatedPbx
from websocket import ABNF
from wire import ADMINISTRATOR, Client, authenticated

programs = Path(sys.argv[1])
SHORT = 0.3  # seconds in which nothing comes


class Faults(unittest.TestCase):
    def setUp(self):
        self.pbx = SimulatedPbx(programs, "--control-http", "127.0.0.1:0")
        self.addCleanup(self.pbx.__exit__)

    def client(self) -> Client:
        client = authenticated(self.pbx.url, ADMINISTRATOR)
        self.addCleanup(client.__exit__)
        return client

    def assert_nothing_comes(self, client: Client) -> None:
        client.socket.settimeout(SHORT)
        with self.assertRaises(websocket.WebSocketTimeoutException):
            client.socket.recv()
        client.socket.settimeout(20)

    def test_close_codes(self):
        for code in (1000, 1001, 1008, 1011, 1012):
            client = self.client()
            self.pbx.command(f"close {code} good bye")
            frame = client.socket.recv_frame()
            self.assertEqual((frame.opcode, frame.data), (ABNF.OPCODE_CLOSE, struct.pack("!H", code) + b"good bye"))

    def test_drop_by_fin_and_by_rst(self):
        client = self.client()
        self.pbx.command("drop fin")
        self.assertEqual(client.socket.sock.recv(1), b"")
        client = self.client()
        self.pbx.command("drop rst")
        with self.assertRaises(ConnectionResetError):
            client.socket.sock.recv(1)

    def test_silent_leaves_the_tcp_connection_up(self):
        client = self.client()
        self.pbx.command("silent on")
        client.socket.ping()
        self.pbx.command('push-all {"lost":1}')
        self.assert_nothing_comes(client)
        self.pbx.command("silent off")
        client.socket.ping()
        self.assertEqual(client.socket.recv_frame().opcode, ABNF.OPCODE_PONG)

    def test_silence_does_not_hurry_the_model(self):
        with tempfile.TemporaryDirectory() as directory:
            ledger = Path(directory) / "ledger"
            with SimulatedPbx(programs, "--rate", "20", "--ledger", str(ledger)) as pbx, \
                    authenticated(pbx.url, ADMINISTRATOR) as client:
                client.subscribe("cdr_events")
                pbx.command("silent on")
                before = ledger.read_text().count('"unheard"')
                with self.assertRaises(websocket.WebSocketTimeoutException):
                    client.socket.settimeout(SHORT)
                    while True:
                        client.socket.recv()
                after = ledger.read_text().count('"unheard"')
        self.assertLess(after - before, 100, "no more than comes at its rate")

    def test_stop_reading(self):
        client = self.client()
        self.pbx.command("stop-reading on")
        client.send({"command": "subscribe", "topics": ["cdr_events"]})
        self.assert_nothing_comes(client)
        self.pbx.command("stop-reading off")
        self.assertEqual(client.receive()["command"], "subscribe")

    def test_answers_late_and_not_at_all(self):
        client = self.client()
        self.pbx.command("answer-delay 500")
        before = time.monotonic()
        client.subscribe("cdr_events")
        self.assertGreaterEqual(time.monotonic() - before, 0.5)
        self.pbx.command("answer-delay 0")
        self.pbx.command("forget-answers on")
        client.send({"command": "subscribe", "topics": ["queue_management_events"]})
        self.pbx.wait_for("subscribed queue_management_events")
        self.assertEqual(client.receive()["event_type"], "queue_created", "it is obeyed all the same")

    def test_rejections(self):
        self.pbx.command("reject-auth on")
        client = Client(self.pbx.url)
        self.addCleanup(client.__exit__)
        self.assertEqual(client.authenticate(**ADMINISTRATOR)["status"], -1)
        self.pbx.command("reject-auth off")
        self.assertEqual(client.authenticate(**ADMINISTRATOR)["status"], 0)
        self.pbx.command("reject cdr_events not today")
        self.assertEqual(client.subscribe("cdr_events")["error"], "not today")
        self.pbx.command("allow cdr_events")
        self.assertEqual(client.subscribe("cdr_events")["status"], 0)

    def test_half_a_frame_is_followed_by_nothing(self):
        client = self.client()
        self.pbx.command("half-frame")
        head = client.socket.sock.recv(4)
        self.assertEqual(head[:2], b"\x81\x7e")
        announced = struct.unpack("!H", head[2:])[0]
        self.pbx.command("push-all more")
        client.socket.sock.settimeout(SHORT)
        received = b""
        with self.assertRaises(TimeoutError):
            while True:
                received += client.socket.sock.recv(65536)
        self.assertTrue(0 < len(received) < announced)

    def test_one_byte_after_the_other(self):
        client = self.client()
        self.pbx.command("trickle 20")
        before = time.monotonic()
        self.pbx.command("push-all 0123456789012345678")  # 21 bytes with the frame's head
        self.assertEqual(client.socket.recv(), "0123456789012345678")
        self.assertGreaterEqual(time.monotonic() - before, 0.8)
        self.pbx.command("trickle off")
        self.pbx.command("push-all " + "x" * 10_000)
        before = time.monotonic()
        self.assertEqual(len(client.socket.recv()), 10_000)
        self.assertLess(time.monotonic() - before, 10)

    def test_a_huge_frame(self):
        client = self.client()
        self.assertEqual(self.pbx.command("huge-frame"), "ok huge-frame 1 client")
        frame = client.socket.recv_frame()
        self.assertEqual(len(frame.data), 17 * 1024 * 1024)
        self.assertIn("event_type", json.loads(frame.data))

    def test_fragments(self):
        client = self.client()
        self.pbx.command('fragments 4 {"event_type":"call_start"}')
        frames = [client.socket.recv_frame() for _ in range(7)]
        self.assertEqual([frame.opcode for frame in frames],
                         [ABNF.OPCODE_TEXT] + 3 * [ABNF.OPCODE_PING, ABNF.OPCODE_CONT])
        self.assertEqual([frame.fin for frame in frames], [0, 1, 0, 1, 0, 1, 1])
        self.assertEqual(b"".join(frame.data for frame in frames), b'{"event_type":"call_start"}')

    def test_what_is_no_utf_8_and_what_nests_deeply(self):
        client = self.client()
        self.pbx.command("invalid-utf8")
        with self.assertRaises(UnicodeDecodeError):
            client.socket.recv_frame().data.decode()
        self.pbx.command("deep-json")
        self.assertEqual(client.socket.recv_frame().data.count(b"["), 5000)

    def test_a_flood_of_pings(self):
        client = self.client()
        self.pbx.command("ping-flood 5000")
        for _ in range(5000):
            self.assertEqual(client.socket.recv_frame().opcode, ABNF.OPCODE_PING)
        self.pbx.command("push-all done")
        self.assertEqual(client.socket.recv(), "done")

    def test_answers_to_the_upgrade(self):
        for command, status, header in (("301", 301, ("location", "https://elsewhere.example/wsi")), ("401", 401, None),
                                        ("403", 403, None), ("404", 404, None), ("429 7", 429, ("retry-after", "7")),
                                        ("503 2", 503, ("retry-after", "2"))):
            self.pbx.command(f"upgrade {command}")
            with self.assertRaises(websocket.WebSocketException):
                websocket.create_connection(self.pbx.url, redirect_limit=0)
            http = http_client.HTTPConnection(urlsplit(self.pbx.url).netloc, timeout=20)
            http.request("GET", "/wsi", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
            answer = http.getresponse()
            self.assertEqual(answer.status, status)
            if header:
                self.assertEqual(answer.headers[header[0]], header[1])
            http.close()
        self.pbx.command("upgrade off")
        self.client()

    def test_a_closed_port(self):
        client = self.client()
        self.pbx.command("refuse-connections on")
        with self.assertRaises(ConnectionRefusedError):
            Client(self.pbx.url)
        client.socket.ping()
        self.assertEqual(client.socket.recv_frame().opcode, ABNF.OPCODE_PONG, "connections that stand stay")
        self.pbx.command("refuse-connections off")
        self.client()

    def test_a_restart_gives_everything_other_ids(self):
        client = self.client()
        client.subscribe("queue_events")
        before = client.next_event()
        self.pbx.command("restart")
        with self.assertRaises((ConnectionResetError, websocket.WebSocketConnectionClosedException)):
            while True:
                client.socket.recv_frame()
        client = eventually(self.client_if_it_listens, "it listens again")
        client.subscribe("queue_events")
        after = client.next_event()
        self.assertEqual(before["queue_number"], after["queue_number"])
        for key in ("queue_id", "tenant_id"):
            self.assertNotEqual(before[key], after[key])

    def client_if_it_listens(self) -> Client | None:
        try:
            return self.client()
        except ConnectionRefusedError:
            return None

    def test_a_rest_api_that_lies_or_does_not_answer(self):
        rest = Rest(self.pbx)
        rest.login(**ADMINISTRATOR)
        true_count = rest.get("users")["count"]
        self.pbx.command("rest wrong-count")
        page = rest.get("users")
        self.assertEqual((page["count"] > true_count, len(page["items"])), (True, true_count))
        self.pbx.command("rest html")
        with self.assertRaises(json.JSONDecodeError):
            rest.get("users")
        self.pbx.command("rest hang")
        for connection in ("keep-alive", "close"):
            http = http_client.HTTPConnection(urlsplit(self.pbx.url).netloc, timeout=SHORT)
            self.addCleanup(http.close)
            http.request("GET", "/api/users", headers={"Connection": connection})
            with self.assertRaises(TimeoutError):
                http.getresponse()
        self.pbx.command("rest off")
        self.assertEqual(rest.get("users")["count"], true_count)

    def post(self, path: str, **headers: str) -> tuple[int, str]:
        url = self.pbx.wait_for("control http://").removeprefix("control ")
        request = urllib.request.Request(url + path, method="POST", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_are_reached_by_http(self):
        client = self.client()
        self.assertEqual(self.post("/push-all/%7B%22a%22:%20%22b/c%22%7D"), (200, "ok push-all 1 client\n"))
        self.assertEqual(client.socket.recv(), '{"a": "b c"}')
        self.assertEqual(self.post("/close/1012/be%20right%20back"), (200, "ok close 1012, 1 client\n"))
        self.assertEqual(client.socket.recv_frame().data, struct.pack("!H", 1012) + b"be right back")
        self.assertEqual(self.post("/dance"), (400, "error: unknown command `dance`\n"))
        self.assertEqual(self.post("")[0], 404)
        self.assertEqual(self.post("/drop/rst", Host="evil.example")[0], 403)
        client = self.client()
        for page in ("https://evil.example", "http://127.0.0.1:8000", "null"):
            self.assertEqual(self.post("/drop/rst", Origin=page)[0], 403)
        self.pbx.command("push-all still there")
        self.assertEqual(client.socket.recv(), "still there")
        url = self.pbx.wait_for("control http://").removeprefix("control ")
        with urllib.request.urlopen(url, timeout=20) as answer:
            self.assertIn("half-frame", answer.read().decode())


class OtherOptions(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def test_an_expired_certificate(self):
        authority = self.directory / "ca.pem"
        with SimulatedPbx(programs, "--tls-directory", str(self.directory)) as pbx:
            with authenticated(pbx.url, ADMINISTRATOR, authority) as client:
                pbx.command("expire-certificate on")
                with self.assertRaisesRegex(ssl.SSLCertVerificationError, "expired"):
                    Client(pbx.url, authority)
                self.assertEqual(client.subscribe("cdr_events")["status"], 0, "connections that stand stay")
            pbx.command("expire-certificate off")
            authenticated(pbx.url, ADMINISTRATOR, authority).__exit__()

    def test_a_scenario_is_followed(self):
        scenario = self.directory / "scenario.yaml"
        scenario.write_text("- { at: 0s, do: upgrade 503 1, for: 200ms }\n- { at: 300ms, do: rate 1, every: 50ms }\n")
        with SimulatedPbx(programs, "--scenario", str(scenario)) as pbx:
            eventually(lambda: pbx.lines().count("cue ok rate 1") >= 3, "it comes again and again")
            cues = [line.removeprefix("cue ") for line in pbx.lines() if line.startswith("cue ")]
        self.assertEqual(cues[:2], ["ok upgrade 503", "ok upgrade off"])

    def test_a_scenario_with_a_mistake_is_not_begun(self):
        scenario = self.directory / "scenario.yaml"
        scenario.write_text("- { at: 1s, do: dance }\n")
        with self.assertRaisesRegex(AssertionError, "1:13: error: unknown command `dance`"):
            SimulatedPbx(programs, "--scenario", str(scenario))

    def test_a_port_that_is_taken_is_named(self):
        with SimulatedPbx(programs) as pbx:
            address = urlsplit(pbx.url).netloc
            with self.assertRaisesRegex(AssertionError, f"cannot listen on {address}: Address already in use$"):
                SimulatedPbx(programs, "--listen", address)

    def test_commands_by_http_are_taken_from_this_machine_alone(self):
        with self.assertRaisesRegex(AssertionError, "this machine only"):
            SimulatedPbx(programs, "--control-http", "0.0.0.0:0")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
