"""B7: pbxbridge starts with a gigabyte of events that wait, none of it in the page cache."""

import os
import time
from dataclasses import replace
from pathlib import Path

from ..bridges.pbxbridge import Pbxbridge
from ..child import wait_until
from ..figures import mebibytes, most_mebibytes, with_spread
from ..generator import make_events
from ..ports import free_port
from ..run import describe_worst, usual_limit
from ..scene import Scene, Watch, scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget

events_that_wait = 2_700_000  # of 400 bytes on average: a gigabyte


def run(session: Session) -> list[Table]:
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(events_that_wait))
        bridge = Pbxbridge("pbxbridge", "format: raw")
        results = session.measure("backlog", [bridge], lambda _: _run(bridge, target, events), lambda _: bridge.name)
    return [Table("A start with a gigabyte that waits",
                  ["", "on disk MiB", "ready after s", "first event at Kafka after s", "all there after s",
                   "drained at events/s", "MiB at most", "limited by", "content and order"],
                  [_row(bridge.name, runs) for runs in results.values() if runs],
                  [f"{events.count:,} events, {events.file.stat().st_size / 1e9:.2f} GB of payload, were accepted while no Kafka was "
                   "there; the spool packs them. `ready`: /readyz answers 200. "
                   "Times count from the start of the process; nothing of the spool is in the page cache."])]


def _run(bridge: Pbxbridge, target, events):
    with scene(bridge, target, events, broker_port=free_port()) as ready:
        _fill(ready)
        size = _forget_pages(ready.wiring.directory / "spool")
        ready.wiring = replace(ready.wiring, broker_port=target.broker.port)
        started = time.time()
        ready.start_bridge()
        watch = Watch(ready)
        wait_until("pbxbridge takes events", bridge.takes_events, 120, ready.child)
        ready_after = time.time() - started
        result = watch.end(ready.wait_for_arrivals(60))
        result.verdict = ready.judge()
        result.verdict |= {"spool_bytes": size, "ready_after": ready_after,
                           "first_after": result.verdict["first_us"] / 1e6 - started,
                           "all_after": result.verdict["last_us"] / 1e6 - started}
        return result


def _fill(ready: Scene) -> None:
    bridge, count = ready.bridge, ready.simulator.events.count
    ready.simulator.start()
    wait_until("all is in the spool", lambda: bridge.metric("pbxbridge_events_accepted_total") >= count, 300,
               ready.child)
    ready.child.end(60)


def _forget_pages(directory: Path) -> int:
    """Lets the kernel forget what it holds of these files. Their size."""
    size = 0
    for file in filter(Path.is_file, directory.rglob("*")):
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        size += file.stat().st_size
    return size


def _row(name: str, runs: list) -> list[str]:
    def spread(figure: str) -> str:
        return with_spread([run.verdict[figure] for run in runs])

    return [name, mebibytes([run.verdict["spool_bytes"] for run in runs]), spread("ready_after"), spread("first_after"),
            spread("all_after"), with_spread([run.rate for run in runs]), most_mebibytes([run.peak_bytes for run in runs]),
            usual_limit(runs), describe_worst(runs)]
