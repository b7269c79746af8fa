"""Cost of an event to each of pbxbridge's threads, on its way from wss through the spool to Kafka."""

from ..bridges.pbxbridge import Pbxbridge
from ..figures import with_spread
from ..generator import Events, make_events
from ..run import Run, describe_worst
from ..scene import scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget
from ..usage import thread_cpu_seconds
from .throughput import kafka_events

# Beginnings of the names that pbxbridge, librdkafka and RocksDB give their threads.
threads = {"main": "io thread", "commit": "commit thread", "kafka": "librdkafka", "rdk:": "librdkafka",
           "rocksdb:": "RocksDB"}
others = "other threads"


def run(session: Session) -> list[Table]:
    bridge = Pbxbridge("pbxbridge", "format: raw")
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(kafka_events))
        runs = session.measure("threads", [bridge], lambda _: _run(bridge, target, events), lambda _: bridge.name)[bridge]
    return [Table("What an event costs each thread: from wss through the spool to Kafka", ["", "CPU µs an event"],
                  _rows(runs),
                  [f"{events.count:,} events in each run, {session.runs} runs: {with_spread([run.rate for run in runs])} "
                   f"events/s, {describe_worst(runs)}."] if runs else [])]


def _run(bridge: Pbxbridge, target: KafkaTarget, events: Events) -> Run:
    with scene(bridge, target, events) as ready:
        before = thread_cpu_seconds(ready.child.pid)
        result = ready.push_all()
        spent = {name: seconds - before.get(name, 0.0) for name, seconds in thread_cpu_seconds(ready.child.pid).items()}
        result.verdict = ready.judge() | {"threads": _by_purpose(spent)}
        return result


def _by_purpose(seconds_by_name: dict[str, float]) -> dict[str, float]:
    seconds = dict.fromkeys([*threads.values(), others], 0.0)
    for name, spent in seconds_by_name.items():
        seconds[next((purpose for begin, purpose in threads.items() if name.startswith(begin)), others)] += spent
    return seconds


def _rows(runs: list[Run]) -> list[list[str]]:
    def row(name: str, seconds: list[float]) -> list[str]:
        return [name, with_spread([spent * 1e6 / run.events for spent, run in zip(seconds, runs)])]

    rows = [row(purpose, [run.verdict["threads"][purpose] for run in runs])
            for purpose in dict.fromkeys([*threads.values(), others])]
    return rows + [row("Kafka", [run.cpu["broker"] for run in runs]),
                   row("the simulated PBX", [run.cpu["generator"] for run in runs])]
