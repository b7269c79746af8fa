"""Clients that follow the events of a PBX, and know of each what must have come before it."""

from collections import Counter


def expect(holds: object, what: str, event: dict) -> None:
    if not holds:
        raise AssertionError(f"{what}: {event}")


def user_of(address: str) -> str:
    """`101` of `sip:101@example.test`."""
    return address.removeprefix("sip:").split("@")[0]


# Steps of the last target of a call, in version 22 and in 16.
TARGET_STEPS = {
    **{f"cdr_target_{step}": step for step in ("add", "ringing", "answer", "noanswer", "fail", "end")},
    **{f"target_{step}": step for step in ("add", "ringing", "noanswer", "fail")},
    "call_established": "answer", "target_ended": "end",
}
ENDS_OF_16 = {"call_ended": "answered", "call_noanswer": "noanswer", "call_fail": "fail"}


class Calls:
    """Each call starts, goes to one target after the other, and ends with a record that says the same."""

    def __init__(self):
        self.open: dict[str, dict] = {}
        self.ended = 0
        self.seen = Counter()

    def see(self, event: dict) -> None:
        kind, session = event["event_type"], event.get("session_id")
        if session is None:
            return
        self.seen[kind] += 1
        if kind == "call_start":
            expect(session not in self.open, "a session starts once", event)
            self.open[session] = {"start": event, "targets": [], "end": None, "on_hold": False}
            return
        expect(session in self.open, "the call has started, and has no record yet", event)
        call = self.open[session]
        expect(event["direction"] == call["start"]["direction"], "the direction stays", event)
        if kind == "call_cdr":
            self._compare(call, event)
            del self.open[session]
            self.ended += 1
            return
        expect(event["cdr_id"] == call["start"]["cdr_id"], "the record stays", event)
        expect(call["end"] is None, "nothing but the record comes after the end", event)
        if kind in TARGET_STEPS:
            self._go_on(call, TARGET_STEPS[kind], event)
        elif kind in ("call_hold", "call_unhold"):
            expect(call["on_hold"] == (kind == "call_unhold"), "held and taken back in turn", event)
            call["on_hold"] = not call["on_hold"]
        else:
            expect(not self._is_offered(call), "the target before has ended", event)
            call["end"] = ENDS_OF_16.get(kind)

    @staticmethod
    def _is_offered(call: dict) -> bool:
        return bool(call["targets"]) and "ended" not in call["targets"][-1]

    def _go_on(self, call: dict, step: str, event: dict) -> None:
        if step == "add":
            expect(not self._is_offered(call), "one target after the other", event)
            call["targets"].append({"destination": event["destination"], "started": event["time"]})
            return
        expect(self._is_offered(call), "the target was added, and has not ended", event)
        target = call["targets"][-1]
        expect(event["destination"] == target["destination"], "it is the last target", event)
        expect(("answered" in target) == (step == "end"), "what was answered ends, and nothing else does", event)
        if step == "ringing":
            expect("rang" not in target, "it rings once", event)
            target["rang"] = event["time"]
        elif step == "answer":
            target.setdefault("rang", event["time"])
            target["answered"] = event["time"]
        else:
            target["status"] = "answered" if step == "end" else step
            target["ended"] = event["time"]

    def _compare(self, call: dict, record: dict) -> None:
        start = call["start"]
        for key in ("call_id", "tenant_id", "did", "outbound_caller_id"):
            expect(record[key] == start[key], f"{key} is that of the start", record)
        expect(record["start_time"] == start["time"], "it started then", record)
        expect(record["caller"] == user_of(start["caller"]), "the caller stays", record)
        targets = [{"destination": each["destination"], "started": each["start_time"], "rang": each["ring_time"],
                    "answered": each["answered_time"], "ended": each["ended_time"], "status": each["status"]}
                   for each in record["call_targets"]]
        expect(targets == [{"rang": "0", "answered": "0"} | each for each in call["targets"]],
               f"its targets are {call['targets']}", record)
        for each in (record, *record["call_targets"]):
            self._add_up(each)
        expect(call["end"] in (None, record["call_status"]), "it ended so", record)

    @staticmethod
    def _add_up(part: dict) -> None:
        started, rang, answered, ended = (int(part[f"{name}_time"]) for name in ("start", "ring", "answered", "ended"))
        times = [time for time in (started, rang, answered, ended) if time]
        expect(times == sorted(times), "times are in order", part)
        expect(int(part["ring_duration"]) == ((answered or ended) - rang if rang else 0), "the ringing", part)
        expect(int(part["talk_duration"]) == (ended - answered if answered else 0), "the talking", part)


class Telephones:
    """A telephone is busy with a call that has started, or that rings there."""

    def __init__(self):
        self.status: dict[tuple, str] = {}
        self._calling: set[tuple] = set()
        self._called: set[tuple] = set()

    def see(self, event: dict) -> None:
        kind, tenant = event["event_type"], event["tenant_id"]
        if kind == "call_start" and event["caller"].startswith("sip:"):
            self._calling.add((tenant, user_of(event["caller"])))
        elif kind == "cdr_target_ringing":
            self._called.add((tenant, user_of(event["destination"])))
        elif kind == "extension_status":
            for each in event["status"]:
                place = tenant, user_of(each["extension"])
                expect(self.status.setdefault(place, each["call_status"]) == each["call_status"], "it is so", event)
        elif kind == "extension_call":
            place = tenant, user_of(event["extension"])
            before, now = self.status.get(place, ""), event["call_status"]
            self.status[place] = now
            if now == "RINGING":
                expect(before == "" and place in self._called, "an idle telephone rings for a call", event)
                self._called.remove(place)
            elif now == "ON_CALL":
                expect(before == "RINGING" or place in self._calling, "it has answered, or has called", event)
                self._calling.discard(place)
            else:
                expect(before in ("RINGING", "ON_CALL"), "it was busy", event)


class Queues:
    """Whenever a queue's whole state comes, it is what its callers and agents were said to do."""

    def __init__(self):
        self.compared = 0
        self._waiting: dict[str, list] = {}
        self._agents: dict[str, dict] = {}
        self._breached = Counter()

    def see(self, event: dict) -> None:
        kind, queue = event["event_type"], event.get("queue_id")
        if kind == "queue_status":
            waiting = [caller["session_id"] for caller in event["waiting_list"]]
            agents = {agent["agent_extension_number"]: (agent["state"], agent["session_id"])
                      for agent in event["agents"]}
            expect(self._waiting.setdefault(queue, waiting) == waiting, f"these wait: {self._waiting[queue]}", event)
            expect(self._agents.setdefault(queue, agents) == agents, f"the agents are {self._agents[queue]}", event)
            self.compared += 1
        elif kind == "queue_caller_status":
            for caller in event["updated_callers"]:
                self._see_caller(self._waiting.setdefault(queue, []), caller)
        elif kind == "queue_agent_status":
            agents = self._agents.setdefault(queue, {})
            for agent in event["removed_agents"]:
                del agents[agent["agent_extension_number"]]
            for agent in event["updated_agents"]:
                agents[agent["agent_extension_number"]] = agent["state"], agent["session_id"]
        elif kind == "queue_sla_breached":
            self._breached[queue] += 1
            expect(event["total_callers_breached"] == self._breached[queue], "each breach is counted", event)
            expect(event["waiting_callers"] == len(self._waiting[queue]), "so many wait", event)

    @staticmethod
    def _see_caller(waiting: list[str], caller: dict) -> None:
        place = int(caller["position"]) - 1
        if caller["reason"] == "enqueue":
            expect(place == len(waiting), "who comes is the last", caller)
            waiting.append(caller["session_id"])
        else:
            expect(waiting[place:place + 1] == [caller["session_id"]], "who leaves was there", caller)
            del waiting[place]
