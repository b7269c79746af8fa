"""Cost of more routes, sinks, extensions and of larger events."""

from pathlib import Path

from .. import places
from ..bridges.bridge import Wiring
from ..bridges.pbxbridge import Pbxbridge
from ..figures import mebibytes, most_mebibytes, with_spread
from ..generator import Events, make_events
from ..readers import Reader
from ..run import describe_worst, usual_limit
from ..scene import full_speed, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget, sink_topic

events_in_a_run = 1_000_000
bytes_in_a_run = 1_200_000_000  # of events of one size, where that is fewer

_users = """\
tenants:
  - { name: east, domain: east.test, extensions: 5000, queues: 20 }
  - { name: west, domain: west.test, extensions: 5000, queues: 20 }
users:
  - { username: admin, password: secret, role: system_administrator, permissions: { system_tenant: full_access } }
  - { username: bridge, password: secret, domain: east.test, role: tenant_administrator, permissions: &all
      { users: full_access, phone_system: full_access, analytics: full_access } }
  - { username: bridge, password: secret, domain: west.test, role: tenant_administrator, permissions: *all }
"""


class ManyRoutes(Pbxbridge):
    """All but the last look at two fields, and take nothing."""

    def __init__(self, count: int):
        super().__init__(f"pbxbridge, {count} route{'s' if count > 1 else ''}", "format: raw")
        self._count = count

    def routes(self, wiring: Wiring) -> str:
        to = f'to: {{ sink: out, topic: {wiring.topic}, key: "{{entity|none}}" }}'
        others = [f"  - match: {{ family: [extension, queue, cdr], entity: \"x{number}*\" }}\n    {to}\n"
                  for number in range(1, self._count)]
        return "routes:\n" + "".join(others) + f"  - match: {{}}\n    {to}\n"


class ManySinks(Pbxbridge):
    """Each has every event, in a topic of its own."""

    def __init__(self, count: int):
        super().__init__(f"pbxbridge, {count} sink{'s' if count > 1 else ''}", "format: raw")
        self.count = count

    def sinks(self, wiring: Wiring) -> str:
        return "sinks:\n" + "".join(f"  {self._name(index)}: {{ {self.address(wiring)}, format: raw }}\n"
                                    for index in range(self.count))

    def routes(self, wiring: Wiring) -> str:
        to = "".join(f'      - {{ sink: {self._name(index)}, topic: {sink_topic(wiring.topic, index)}, '
                     'key: "{entity|none}" }\n' for index in range(self.count))
        return f"routes:\n  - match: {{}}\n    to:\n{to}"

    @staticmethod
    def _name(index: int) -> str:
        return "out" if index == 0 else f"out{index}"


class ManyTopics(KafkaTarget):
    """A Kafka with a reader for each sink of the bridge that comes next."""

    sinks = 0  # 0: one reader of one topic, as ever

    def open_reader(self, events: Events, directory: Path, live: bool = False, cloudevents: bool = False) -> Reader:
        if self.sinks:
            return self.open_readers(self.sinks, events, directory)
        return super().open_reader(events, directory, live, cloudevents)


class ManyExtensions(Pbxbridge):
    """Two tenants' administrators, each with 5,000 extensions by name."""

    def __init__(self):
        super().__init__("pbxbridge, 10,000 extensions by name", "format: raw")
        # Each tenant has 50 subscribes with 100 extensions each, and one for each of the other topics.
        self.subscriptions = 2 * (50 + 4)

    def pbx(self, wiring: Wiring) -> str:
        numbers = ", ".join(f'"{number}"' for number in range(101, 5101))
        queues = ", ".join(f'"{number}"' for number in range(8001, 8021))
        tls = f"tls: {{ ca_file: {wiring.ca_file} }}" if wiring.ca_file else ""
        entry = f"""\
  - name: %s
    url: {wiring.pbx_url}
    auth: {{ username: bridge, domain: %s.test, password: secret }}
    {tls}
    subscribe:
      - {{ topic: extension_events, extensions: [{numbers}] }}
      - {{ topic: queue_events, queues: [{queues}] }}
      - {{ topic: extension_management_events }}
      - {{ topic: queue_management_events }}
      - {{ topic: cdr_events }}
"""
        return "pbx:\n" + entry % ("east", "east") + entry % ("west", "west")


def run(session: Session) -> list[Table]:
    with ManyTopics() as target:
        warm_up(target)
        mixed = make_events(session.events(events_in_a_run))
        rows = _measure(session, target, [(ManyRoutes(count), mixed) for count in (1, 10, 100)])
        rows += _measure(session, target, [(ManySinks(count), mixed) for count in (1, 2, 4, 8)])
        users = places.event_files / "10000-extensions.yaml"
        users.parent.mkdir(parents=True, exist_ok=True)
        users.write_text(_users)
        large = make_events(session.events(events_in_a_run), users=users)
        rows += _measure(session, target, [(Pbxbridge("pbxbridge, 10,000 extensions by tenant", "format: raw"), large),
                                           (ManyExtensions(), large)])
        rows += _measure(session, target, [_of_size(session, size) for size in (256, 1024, 4096, 16384, 65536)])
    return [Table("Growth: to Kafka, over wss",
                  ["", "events/s", "MB/s", "CPU µs an event", "MiB idle", "MiB at most", "limited by",
                   "content and order"], rows,
                  ["Events/s of the PBX; with several sinks each of them gets so many, and all were judged. The routes "
                   "but the last look at two fields of the event and do not take it."])]


def _of_size(session: Session, size: int) -> tuple[Pbxbridge, Events]:
    count = session.events(min(events_in_a_run, bytes_in_a_run // size))
    return Pbxbridge(f"pbxbridge, events of {size:,} B", "format: raw"), make_events(count, size)


def _measure(session: Session, target: ManyTopics, contenders: list) -> list[list[str]]:
    def one(contender):
        bridge, events = contender
        target.sinks = bridge.count if isinstance(bridge, ManySinks) else 0
        return full_speed(bridge, target, events)

    results = session.measure("growth", contenders, one, lambda contender: contender[0].name)
    return [_row(bridge.name, events, runs) for (bridge, events), runs in results.items() if runs]


def _row(name: str, events: Events, runs: list) -> list[str]:
    bytes_an_event = events.file.stat().st_size / events.count
    rates = [run.rate for run in runs]
    return [name.removeprefix("pbxbridge, "), with_spread(rates), with_spread(rates, bytes_an_event / 1e6),
            with_spread([run.cpu_us_an_event for run in runs]), mebibytes([run.idle_bytes for run in runs]),
            most_mebibytes([run.peak_bytes for run in runs]), usual_limit(runs), describe_worst(runs)]
