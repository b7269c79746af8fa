"""The REST API of the simulated PBX, and that it has the very calls that were pushed: rest_tests.py PROGRAMS."""

import itertools
import json
import resource
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

from simulated_pbx import SimulatedPbx
from wire import ADMINISTRATOR, SYSTEM_ADMINISTRATOR, Client, authenticated

programs = Path(sys.argv[1])
REASONS = {"entered": "enqueue", "answered": "agent_answered", "abandoned": "hangup", "overflowed": "overflow",
           "called_back": "callback"}  # why callers enter and leave a queue, by the names of their totals
CLIENT_ID = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a"


class Rest:
    """A client of the API: urllib, and what the vendor's page says."""

    def __init__(self, pbx: SimulatedPbx):
        self._base = pbx.url.replace("ws://", "http://").removesuffix("/wsi") + "/api"
        self._token = ""

    def _ask(self, request: urllib.request.Request) -> dict:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def login(self, **form: str) -> dict:
        form = {"grant_type": "password", "scope": "all", "client_id": CLIENT_ID} | form
        body = urllib.parse.urlencode(form).encode()
        answer = self._ask(urllib.request.Request(f"{self._base}/login/oauth/token", body))
        self._token = answer["access_token"]
        return answer

    def get(self, path: str, **query: object) -> dict:
        url = f"{self._base}/{path}?{urllib.parse.urlencode(query)}"
        return self._ask(urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"}))

    def status(self, path: str) -> int:
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            with error:
                assert json.load(error)["errors"][0]["message"]
                return error.code
        return 200

    def all(self, path: str, **query: object) -> list[dict]:
        items: list[dict] = []
        while len(page := self.get(path, skip=len(items), top=100, **query)["items"]) == 100:
            items += page
        return items + page


class RestApi(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.ledger = Path(directory.name) / "ledger"

    def pbx(self, *options: str) -> SimulatedPbx:
        pbx = SimulatedPbx(programs, "--ledger", str(self.ledger), *options)
        self.addCleanup(pbx.__exit__)
        return pbx

    def ledger_lines(self) -> list[dict]:
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]

    def test_a_token_expires_is_refreshed_and_signs_in_to_the_websocket(self):
        pbx = self.pbx("--token-lifetime", "1")
        rest = Rest(pbx)
        tokens = rest.login(**ADMINISTRATOR)
        with Client(pbx.url) as client:
            answer = client.authenticate(access_token=tokens["access_token"], username="bridge", domain="example.test")
            self.assertEqual(answer["status"], 0)
            self.assertEqual(client.subscribe("cdr_events")["status"], 0)
            self.assertEqual(client.authenticate(access_token=tokens["access_token"], username="ada")["status"], -1)
        deadline = time.monotonic() + 10
        while (status := rest.status("users")) == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(status, 401)
        with Client(pbx.url) as client:
            self.assertEqual(client.authenticate(access_token=tokens["access_token"])["status"], -1)
        rest.login(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        self.assertEqual(rest.status("users"), 200)
        with self.assertRaises(urllib.error.HTTPError) as wrong:
            rest.login(**ADMINISTRATOR | {"password": "wrong"})
        self.assertEqual(wrong.exception.code, 400)

    def test_too_many_requests_are_rejected_on_demand(self):
        pbx = self.pbx()
        rest = Rest(pbx)
        rest.login(**ADMINISTRATOR)
        pbx.command("rest-limit 2")
        self.assertIn(429, [rest.status("users") for _ in range(20)])
        pbx.command("rest-limit 0")
        self.assertEqual({rest.status("users") for _ in range(20)}, {200})

    def test_has_the_calls_that_were_pushed_and_those_that_nobody_was_told_of(self):
        pbx = self.pbx("--rate", "5000")
        rest = Rest(pbx)
        rest.login(**ADMINISTRATOR)
        pushed = {}
        with authenticated(pbx.url, ADMINISTRATOR) as client:
            client.subscribe("cdr_events")
            while len(pushed) < 200:
                event = client.next_event()
                if event["event_type"] == "call_cdr":
                    pushed[event["call_id"]] = event
        pbx.wait_for("client 2 gone")
        before = rest.get("cdrs")["count"]
        deadline = time.monotonic() + 20
        while rest.get("cdrs")["count"] < before + 100:
            self.assertLess(time.monotonic(), deadline)
        pbx.command("rate 0")
        records = {record["call_id"]: record for record in rest.all("cdrs")}
        for call_id, event in pushed.items():
            record = records[call_id]
            self.assertEqual((record["caller"], record["callee"], record["duration"]),
                             (event["caller"], event["callee"], event["talk_duration"]))
            self.assertEqual(record["end_reason"], event["ended_reason"].upper())
        unheard = {line["unheard"]["call_id"] for line in self.ledger_lines()
                   if "unheard" in line and line["unheard"]["event_type"] == "call_cdr"
                   and line["unheard"]["tenant_id"] == event["tenant_id"]}
        self.assertGreater(len(unheard), 90)
        self.assertLessEqual(unheard, records.keys(), "what nobody was told of is in the API")

    def test_its_state_is_that_of_the_events(self):
        pbx = self.pbx("--rate", "2000", "--start-after", "3")
        rest = Rest(pbx)
        rest.login(**ADMINISTRATOR)
        with authenticated(pbx.url, ADMINISTRATOR) as client:
            client.subscribe("extension_events")
            client.subscribe("queue_events")
            client.subscribe("cdr_events")
            extensions, agents, open_calls, reasons, breaches = {}, {}, set(), Counter(), Counter()

            def see(event: dict) -> None:
                kind = event["event_type"]
                if kind == "extension_status":
                    extensions.update({each["extension"]: each["call_status"] for each in event["status"]})
                elif kind == "extension_call":
                    extensions[event["extension"]] = event["call_status"]
                elif kind == "queue_agent_status":
                    for agent in event["updated_agents"]:
                        agents[event["queue_id"], agent["agent_extension_number"]] = agent["state"]
                elif kind == "queue_caller_status":
                    reasons.update((event["queue_id"], caller["reason"]) for caller in event["updated_callers"])
                elif kind == "queue_sla_breached":
                    breaches[event["queue_id"]] += 1
                elif kind == "call_start":
                    open_calls.add(event["session_id"])
                elif kind == "call_cdr":
                    open_calls.remove(event["session_id"])

            for _ in range(3000):
                see(client.next_event())
            pbx.command("rate 0")
            pbx.command("state")
            pbx.command("push-all end")
            while (text := client.socket.recv()) != "end":
                see(json.loads(text))
        tenant = {"710000000000000001"}
        state = [line["state"] for line in self.ledger_lines() if "state" in line]
        status = next(each for each in state if each["event_type"] == "extension_status" and each["tenant_id"] in tenant)
        for each in status["status"]:
            self.assertEqual(extensions.get(each["extension"], ""), each["call_status"], each)
        self.assertEqual({each["id"] for each in state
                          if each["event_type"] == "open_call" and each["tenant_id"] in tenant}, open_calls)
        self.assertEqual({session["id"] for session in rest.all("sessions")}, open_calls)
        for queue in rest.all("call_queues"):
            for agent in rest.all(f"call_queues/{queue['id']}/agents"):
                known = agents.get((queue["id"], agent["agent_extension_number"]), "READY")
                self.assertEqual(agent["state"], known)
            pushed = next(each for each in state if each.get("queue_id") == queue["id"])
            totals = next(each for each in state
                          if each["event_type"] == "queue_totals" and each["queue_id"] == queue["id"])
            self.assertEqual({key: totals[key] for key in REASONS},
                             {key: reasons[queue["id"], reason] for key, reason in REASONS.items()})
            self.assertEqual(totals["sla_breached"], breaches[queue["id"]])
            waiting = rest.all(f"call_queues/{queue['id']}/waiting")
            self.assertEqual(totals["waiting"], len(waiting))
            self.assertEqual(totals["callbacks"], sum(caller["type"] == "callback" for caller in waiting))
            self.assertEqual([caller["session_id"] for caller in pushed["waiting_list"]],
                             [caller["session_id"] for caller in waiting])

    def test_the_state_at_the_end_is_that_of_the_events(self):
        for seed in range(16):
            pbx = self.pbx("--rate", "20000", "--seed", str(seed))
            known = {}
            with authenticated(pbx.url, ADMINISTRATOR) as client:
                client.subscribe("extension_events")
                for count in itertools.count():
                    if count == 1000:
                        pbx.command("quit")
                    if not (text := client.socket.recv()):
                        break
                    event = json.loads(text)
                    known.update({each["extension"]: each["call_status"] for each in event.get("status", [event])
                                  if "call_status" in each})
            pbx.__exit__()
            state = next(line["state"] for line in self.ledger_lines()
                         if line.get("state", {}).get("event_type") == "extension_status")
            self.assertEqual({each["extension"]: each["call_status"] for each in state["status"]},
                             {each["extension"]: known.get(each["extension"], "") for each in state["status"]},
                             f"seed {seed}")

    def test_tenants_are_shown_to_a_system_administrator(self):
        rest = Rest(self.pbx("--tenants", "4", "--extensions", "30"))
        rest.login(**SYSTEM_ADMINISTRATOR)
        self.assertEqual([tenant["domain"] for tenant in rest.all("tenants")],
                         ["example.test", "other.test", "tenant3.test", "tenant4.test"])
        self.assertEqual(rest.status("users"), 403)
        rest.login(**ADMINISTRATOR)
        self.assertEqual(len(rest.all("users", filter="role eq 'StandardUser'")), 29)


class ManyClients(unittest.TestCase):
    def test_a_thousand_clients_have_what_they_asked_for(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        with SimulatedPbx(programs) as pbx:
            clients = [authenticated(pbx.url, ADMINISTRATOR) for _ in range(1000)]
            for client in clients:
                self.assertEqual(client.subscribe("cdr_events")["status"], 0)
            pbx.command("call 101 102")
            pbx.command("hang-up 101")
            for client in clients:
                self.assertEqual([client.next_event()["event_type"] for _ in range(5)],
                                 ["call_start", "cdr_target_add", "cdr_target_ringing", "cdr_target_noanswer", "call_cdr"])
            for client in clients:
                client.__exit__()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
