"""The simulated PBX against the vendor's page, line by line: protocol_tests.py PROGRAMS."""

import sys
import tempfile
import unittest
from pathlib import Path

import websocket
from event_schemas import surprises
from simulated_pbx import SimulatedPbx
from wire import ADMINISTRATOR, SYSTEM_ADMINISTRATOR, Client, authenticated

programs = Path(sys.argv[1])
DOMAIN = "example.test"
SECRET = {"password": "secret"}

# One account for each row and permission of the vendor's table.
USERS = """\
users:
  - { username: root, password: secret, role: system_administrator, permissions: { system_tenant: view_only } }
  - { username: powerless, password: secret, role: system_administrator, permissions: {} }
  - { username: head, password: secret, domain: example.test, role: tenant_administrator,
      permissions: { users: view_only, phone_system: view_only, analytics: view_only } }
  - { username: blind, password: secret, domain: example.test, role: tenant_administrator, permissions: {} }
  - { username: manager, password: secret, domain: example.test, role: queue_manager,
      permissions: { analytics: view_only } }
  - { username: full, password: secret, domain: example.test, role: queue_manager,
      permissions: { users: full_access, phone_system: full_access, analytics: full_access } }
  - { username: users, password: secret, domain: example.test, role: user, permissions: { users: view_only } }
  - { username: phones, password: secret, domain: example.test, role: user, permissions: { phone_system: view_only } }
  - { username: analyst, password: secret, domain: example.test, role: user, extension_number: "101",
      extension_password: of the extension, permissions: { analytics: view_only } }
  - { username: tokens, password: secret, access_token: a token, domain: example.test, role: tenant_administrator }
"""

# Topic, its selector with something that exists, and who may and who may not have it.
TENANT, EXTENSIONS, QUEUES = "710000000000000001", {"extensions": ["101", "102"]}, {"queues": ["8001"]}
GLOBAL = ({"tenants": [TENANT]}, ["root"], ["powerless", "head", "full", "analyst"])
TABLE = {
    "global_extension_management_events": GLOBAL,
    "extension_management_events": ({}, ["head", "full", "users"], ["root", "blind", "manager", "phones", "analyst"]),
    "global_extension_events": GLOBAL,
    "extension_events": (EXTENSIONS, ["head", "full", "users", "phones"], ["root", "blind", "manager", "analyst"]),
    "global_cdr_events": GLOBAL,
    "cdr_events": ({}, ["head", "full", "manager", "analyst"], ["root", "blind", "users", "phones"]),
    "global_queue_management_events": GLOBAL,
    "queue_management_events": ({}, ["head", "full", "manager"], ["root", "blind", "users", "phones", "analyst"]),
    "global_queue_events": GLOBAL,
    "queue_events": (QUEUES, ["head", "full", "manager", "analyst"], ["root", "blind", "users", "phones"]),
}


def account(username: str) -> dict[str, str]:
    return {"username": username, **SECRET} | ({} if username in ("root", "powerless") else {"domain": DOMAIN})


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        users = Path(directory.name) / "users.yaml"
        users.write_text(USERS)
        cls.pbx = SimulatedPbx(programs, "--users", str(users))
        cls.addClassCleanup(cls.pbx.__exit__)

    def connect(self) -> Client:
        client = Client(self.pbx.url)
        self.addCleanup(client.__exit__)
        return client

    def sign_in(self, username: str) -> Client:
        client = authenticated(self.pbx.url, account(username))
        self.addCleanup(client.__exit__)
        return client

    def assert_rejected(self, answer: dict, command: str, part: str = "") -> None:
        self.assertEqual((answer["command"], answer["status"]), (command, -1))
        self.assertIn(part, answer["error"])

    def assert_answers_and_nothing_else(self, client: Client) -> None:
        """Every push before the answer to a ping would have been read."""
        client.socket.ping()
        self.assertEqual(client.socket.recv_frame().opcode, websocket.ABNF.OPCODE_PONG)

    def test_authentication_has_three_forms_and_tokens(self):
        for credentials in (account("root"), account("head"),
                            {"extension_number": "101", "password": "of the extension", "domain": DOMAIN},
                            {"username": "tokens", "access_token": "a token", "domain": DOMAIN}):
            with self.subTest(credentials):
                self.assertEqual(self.connect().authenticate(**credentials), {"command": "auth", "id": "1", "status": 0})

    def test_authentication_is_rejected_in_the_vendors_words(self):
        client = self.connect()
        wrong = (account("root") | {"domain": DOMAIN}, account("head") | {"password": "wrong"},
                 {"username": "head", **SECRET}, account("head") | {"domain": "other.test"},
                 {"username": "head", "domain": DOMAIN}, {"username": "head", "domain": DOMAIN, "password": ""},
                 {"extension_number": "101", "password": "secret", "domain": DOMAIN}, {"username": "nobody", **SECRET},
                 {"username": "tokens", "access_token": "another", "domain": DOMAIN}, {})
        for count, credentials in enumerate(wrong, 1):
            with self.subTest(credentials):
                self.assertEqual(client.authenticate(**credentials),
                                 {"command": "auth", "error": "access_token , username , domain or password error",
                                  "id": str(count), "status": -1})
        self.assertEqual(client.authenticate(**account("head"))["id"], str(len(wrong) + 1), "ids count the answers")

    def test_the_id_of_an_answer_is_the_servers_own(self):
        client = self.connect()
        self.assertEqual(client.ask({"command": "auth", "id": "77", **account("head")})["id"], "1")
        self.assertEqual(client.ask({"command": "subscribe", "id": "78", "topics": ["cdr_events"]})["id"], "2")

    def test_each_row_of_the_table_of_permissions(self):
        for topic, (selector, granted, rejected) in TABLE.items():
            for username in granted:
                with self.subTest(topic=topic, granted=username):
                    answer = self.sign_in(username).subscribe(topic, **selector)
                    self.assertEqual((answer["command"], answer["status"]), ("subscribe", 0), answer)
                    self.assertNotIn("error", answer)
            for username in rejected:
                with self.subTest(topic=topic, rejected=username):
                    client = self.sign_in(username)
                    self.assert_rejected(client.subscribe(topic, **selector), "subscribe")
                    self.assert_answers_and_nothing_else(client)

    def test_an_extension_may_have_only_queues_that_it_serves(self):
        served = [queue for queue in ("8001", "8002", "8003")
                  if self.sign_in("analyst").subscribe("queue_events", queues=[queue])["status"] == 0]
        self.assertIn("8001", served)
        self.assertLess(len(served), 3)
        other = next(queue for queue in ("8001", "8002", "8003") if queue not in served)
        self.assert_rejected(self.sign_in("analyst").subscribe("queue_events", queues=[served[0], other]), "subscribe",
                             other)
        self.assertEqual(self.sign_in("manager").subscribe("queue_events", queues=[other])["status"], 0)

    def test_what_does_not_exist_is_rejected(self):
        client = self.sign_in("head")
        self.assert_rejected(client.subscribe("weather_events"), "subscribe", "weather_events")
        self.assert_rejected(client.subscribe("queue_events", queues=["8999"]), "subscribe", "8999")
        self.assert_rejected(client.subscribe("extension_events", extensions=["101", "99"]), "subscribe", "99")
        self.assert_rejected(self.sign_in("root").subscribe("global_cdr_events", tenants=["12"]), "subscribe", "12")
        self.assert_answers_and_nothing_else(client)

    def test_selectors_are_lists_of_texts(self):
        client = self.sign_in("head")
        for wrong in ("101", [101], {"101": True}, None):
            self.assert_rejected(client.subscribe("extension_events", extensions=wrong), "subscribe", "list of strings")

    def test_snapshots_come_at_once_after_a_subscribe(self):
        client = self.sign_in("head")
        client.subscribe("extension_events", extensions=["101", "102"])
        snapshot = client.next_event()
        self.assertEqual(snapshot["event_type"], "extension_status")
        self.assertEqual([each["extension"] for each in snapshot["status"]],
                         [f"sip:101@{DOMAIN}", f"sip:102@{DOMAIN}"])
        client.subscribe("queue_management_events")
        self.assertEqual([(each["event_type"], each["queue_number"]) for each in (client.next_event() for _ in range(3))],
                         [("queue_created", "8001"), ("queue_created", "8002"), ("queue_created", "8003")])
        client.subscribe("queue_events", queues=["8001", "8002"])
        for number in ("8001", "8002"):
            snapshot = client.next_event()
            self.assertEqual((snapshot["event_type"], snapshot["queue_number"]), ("queue_status", number))
            self.assertEqual(surprises(snapshot), [])
        client.subscribe("cdr_events")
        client.subscribe("extension_management_events")
        self.assert_answers_and_nothing_else(client)

    def test_global_snapshots_are_of_the_tenants_that_were_asked_for(self):
        for topic in ("global_extension_events", "global_queue_events", "global_queue_management_events"):
            client = self.sign_in("root")
            self.assertEqual(client.subscribe(topic, tenants=[TENANT])["status"], 0)
            client.socket.ping()
            events = []
            while (frame := client.socket.recv_frame()).opcode == websocket.ABNF.OPCODE_TEXT:
                events.append(frame.data.decode())
            self.assertGreater(len(events), 0, topic)
            self.assertTrue(all(f'"tenant_id":"{TENANT}"' in event for event in events), topic)

    def test_an_unsubscribe_ends_what_it_names(self):
        client = self.sign_in("head")
        client.subscribe("extension_events", extensions=["101", "102"])
        client.next_event()
        self.assertEqual(client.unsubscribe("extension_events", extensions=["101"])["status"], 0)
        for number in ("101", "102"):
            self.pbx.command(f'push {{"event_type":"extension_call","extension":"sip:{number}@{DOMAIN}"}}')
        self.assertEqual(client.next_event()["extension"], f"sip:102@{DOMAIN}")
        self.assertEqual(client.unsubscribe("extension_events", extensions=["102"])["status"], 0)
        self.assert_rejected(client.unsubscribe("extension_events", extensions=["102"]), "unsubscribe", "not subscribed")
        self.pbx.command(f'push {{"event_type":"extension_call","extension":"sip:102@{DOMAIN}"}}')
        self.assert_answers_and_nothing_else(client)

    def test_events_come_only_to_those_who_may_have_them(self):
        calls, queues = self.sign_in("analyst"), self.sign_in("manager")
        calls.subscribe("cdr_events")
        queues.subscribe("queue_management_events")
        for _ in range(3):
            queues.next_event()
        self.pbx.command(f'push {{"event_type":"call_start","tenant_id":"{TENANT}"}}')
        self.pbx.command('push {"event_type":"call_start","tenant_id":"another"}')
        self.assertEqual(calls.next_event()["tenant_id"], TENANT)
        self.assert_answers_and_nothing_else(calls)
        self.assert_answers_and_nothing_else(queues)

    def test_what_comes_before_auth_or_is_no_command_is_answered(self):
        client = self.connect()
        self.assert_rejected(client.subscribe("cdr_events"), "subscribe", "not authenticated")
        self.assert_rejected(client.ask({"command": "dance"}), "dance")
        for text in ("{", "[]", "null", "[" * 100_000, '{"command":7}', ""):
            client.socket.send(text)
            self.assertEqual(client.receive()["status"], -1)
        client.socket.send_binary(b"\x00\xff")
        self.assertEqual(client.receive()["status"], -1)
        self.assertEqual(client.authenticate(**account("head"))["status"], 0, "and it goes on")


class OtherOptions(unittest.TestCase):
    def test_the_built_in_accounts_are_those_of_the_guide(self):
        with SimulatedPbx(programs) as pbx:
            for credentials in (ADMINISTRATOR, SYSTEM_ADMINISTRATOR,
                                {"extension_number": "101", "password": "secret", "domain": DOMAIN}):
                authenticated(pbx.url, credentials).__exit__()

    def test_subscribes_may_stay_unanswered(self):
        with SimulatedPbx(programs, "--no-subscribe-answers") as pbx, authenticated(pbx.url, ADMINISTRATOR) as client:
            client.send({"command": "subscribe", "topics": ["queue_management_events"]})
            self.assertEqual(client.receive()["event_type"], "queue_created")

    def test_version_16_has_messages_of_its_own(self):
        with SimulatedPbx(programs, "--dialect", "16") as pbx, Client(pbx.url) as client:
            rejected = client.ask({"command": "auth", "extension": "101", "domain": DOMAIN, "password": "wrong"})
            self.assertEqual(rejected.keys(), {"error", "status"})
            self.assertEqual(client.ask({"command": "auth", "extension": "101", "domain": DOMAIN, **SECRET}),
                             {"status": 0})
            topics = [{"topic": "extension_events", "keys": ["extension_register"]},
                      {"topic": "cdr_events", "keys": ["call_cdr"]}]
            self.assertEqual(client.ask({"command": "subscribe", "topics": topics, "extensions": ["102"]}),
                             {"status": 0})
            pbx.command('push {"event_type":"call_hold","extension":"102"}')
            pbx.command('push {"event_type":"extension_register","extension":"102"}')
            self.assertEqual(client.receive()["event_type"], "extension_register", "the others were not asked for")

    def test_what_may_not_be_selected_is_rejected_in_version_16_too(self):
        with SimulatedPbx(programs, "--dialect", "16") as pbx, Client(pbx.url) as client:
            client.ask({"command": "auth", "extension": "101", "domain": DOMAIN, **SECRET})

            def status(topic: str, **selector: list[str]) -> int:
                answer = client.ask({"command": "subscribe", "topics": [{"topic": topic}], **selector})
                self.assertEqual(answer.keys(), {"status"} if answer["status"] == 0 else {"error", "status"})
                return answer["status"]

            self.assertEqual(status("extension_events", extensions=["102", "99"]), -1, "99 does not exist")
            self.assertEqual(status("queue_events", queues=["8999"]), -1, "it does not exist")
            self.assertEqual(status("queue_events", queues=["8002"]), -1, "101 does not serve it")
            self.assertEqual(status("queue_events"), -1, "that would be all queues")
            self.assertEqual(status("trunk_events"), -1, "trunks are for tenants")
            self.assertEqual(status("extension_events", extensions=["102"]), 0)
            self.assertEqual(status("queue_events", queues=["8001"]), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
