"""B6: Kafka is gone for a minute while events come. How fast is what waited delivered, and when is it live again?"""

import time

from ..bridges.pbxbridge import Pbxbridge
from ..bridges.python_script import PythonScript
from ..figures import middle, most_mebibytes, with_spread
from ..generator import make_events
from ..run import describe_worst, slice_seconds
from ..scene import scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget
from .throughput import full_speeds, kafka_events

rate = 10_000
before, away, after = 10, 60, 50  # seconds; `after` counts from Kafka's return, to drain and to be live for a while
live_us = 2_000_000  # a 99th percentile below it is live again


def bridges() -> list:
    return [Pbxbridge("pbxbridge", "format: raw"), PythonScript("Python", "to_kafka.py")]


def run(session: Session) -> list[Table]:
    events = make_events(session.events(rate * (before + away + after)))
    contenders = session.contenders(bridges())
    results = session.measure("outage", contenders, lambda bridge: _run(bridge, events, session.scale),
                              lambda bridge: bridge.name)
    with KafkaTarget() as target:
        warm_up(target)
        full = full_speeds(session, "outage", contenders, target, session.events(kafka_events))
    rows = [_row(bridge.name, runs, full.get(bridge, 0.0)) for bridge, runs in results.items() if runs]
    return [Table(f"{away * session.scale:g} seconds without Kafka, at {rate:,} events a second over wss",
                  ["", "waited", "drained at events/s", "of its full speed", "live again after s",
                   "p99 ms then, at most", "MiB at most", "content and order"], rows,
                  ["Kafka is killed and comes back after a minute. `waited`: events appended between its return and "
                   "the moment at which 99 of 100 are younger than two seconds again; `drained`: their rate, those that "
                   "came meanwhile included; `its full speed`: the median of as many runs without an outage, in this "
                   "session. `live again`: since its first append; `then`: from a second later on. Times are the "
                   "broker's, to the millisecond."])]


def _run(bridge, events, scale: float):
    with KafkaTarget() as target:  # of its own: it is killed
        with scene(bridge, target, events, rate=rate, live=False) as ready:
            watch = ready.begin()
            time.sleep(before * scale)
            target.broker.child.kill()
            time.sleep(away * scale)
            target.broker.start()
            watch.broker_came_back()
            returned_us = time.time() * 1e6
            result = watch.end(ready.wait_for_arrivals(60))
            result.verdict = ready.judge()
            result.verdict["drain"] = _drain(result.verdict, returned_us)
            return result


def _drain(verdict: dict, returned_us: float) -> dict:
    """Reads the slices of time behind the broker's return. Without `live_p99_us` where it was not live again."""
    first = int((returned_us - verdict["first_us"]) / (slice_seconds * 1e6))
    slices = verdict["slices"][first:]
    begin = next((i for i, (events, _) in enumerate(slices) if events), 0)
    end = next((i for i in range(begin, len(slices)) if slices[i][0] and slices[i][1] < live_us), len(slices))
    waited = sum(events for events, _ in slices[begin:end])
    seconds = (end - begin) * slice_seconds
    return {"waited": waited, "seconds": seconds, "rate": waited / seconds if seconds else 0.0,
            "live_p99_us": max((p99 for _, p99 in slices[end + int(1 / slice_seconds):]), default=None)}


def _row(name: str, runs: list, full_rate: float) -> list[str]:
    drains = [run.verdict["drain"] for run in runs]
    live_us = [drain["live_p99_us"] for drain in drains]
    live = ["not", "not"] if None in live_us else [with_spread([drain["seconds"] for drain in drains]),
                                                   with_spread([p99 / 1000 for p99 in live_us])]
    rates = [drain["rate"] for drain in drains]
    return [name, f"{middle([drain['waited'] for drain in drains]):,.0f}", with_spread(rates),
            f"{middle(rates) / full_rate:.2f}" if full_rate else "", *live,
            most_mebibytes([run.peak_bytes for run in runs]), describe_worst(runs)]
