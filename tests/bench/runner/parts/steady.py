"""B4 over time: memory and CPU while nothing comes, and for a minute at a steady rate."""

import time

from ..bridges import benthos
from ..bridges.benthos import Benthos
from ..bridges.node_script import NodeScript
from ..bridges.pbxbridge import Pbxbridge
from ..bridges.python_script import PythonScript
from ..figures import mebibytes, most_mebibytes, with_spread
from ..generator import make_events
from ..run import describe_worst
from ..scene import scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget
from ..usage import cpu_seconds

rate = 10_000
seconds = 60
idle_seconds = 10


def bridges() -> list:
    return [Pbxbridge("pbxbridge", "format: raw"), PythonScript("Python", "to_kafka.py"),
            NodeScript("Node", "to_kafka.js"), Benthos("Benthos, in batches", "kafka.yaml", benthos.in_batches)]


def run(session: Session) -> list[Table]:
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(rate * seconds))
        contenders = session.contenders(bridges())
        results = session.measure("steady", contenders, lambda bridge: _run(bridge, target, events, session.scale),
                                  lambda bridge: bridge.name)
    rows = [_row(bridge.name, runs) for bridge, runs in results.items() if runs]
    return [Table(f"Kafka: a minute at {rate:,} events a second, over wss",
                  ["", "CPU idle %", "CPU µs an event", "MiB idle", "MiB after 10 s", "after 30 s", "after 60 s",
                   "at most", "content and order"], rows,
                  ["CPU in percent of one core; the medians of all runs."])]


def _run(bridge, target, events, scale: float):
    with scene(bridge, target, events, rate=rate) as ready:
        time.sleep(2)  # until what belongs to the start is done
        begin = cpu_seconds(ready.child.pid)
        time.sleep(idle_seconds * min(1, scale))
        idle_cpu = (cpu_seconds(ready.child.pid) - begin) / (idle_seconds * min(1, scale))
        result = ready.push_all()
        result.verdict = ready.judge() | {"idle_cpu": idle_cpu}
        return result


def _row(name: str, runs: list) -> list[str]:
    def after(second: float) -> str:
        return mebibytes([min(run.memory, key=lambda sample: abs(sample[0] - second))[1] for run in runs])

    return [name, with_spread([100 * run.verdict["idle_cpu"] for run in runs]),
            with_spread([run.cpu_us_an_event for run in runs]), mebibytes([run.idle_bytes for run in runs]), after(10),
            after(30), after(60), most_mebibytes([run.peak_bytes for run in runs]), describe_worst(runs)]
