"""One run: a simulated PBX, a bridge, a broker, and a reader that judges. What comes of it is a `Run`."""

import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import places
from .bridges.bridge import Bridge, Wiring
from .child import Child, Failure
from .generator import Events, Simulator
from .readers import Reader
from .usage import MemoryWatch, Meter, resident_bytes

settle_seconds = 1.0  # between the last subscription and the first event: time to connect to the broker
patience_seconds = 20.0  # with a bridge that makes no progress any more


@dataclass
class Run:
    events: int
    pushed_seconds: float  # until the simulated PBX had pushed everything
    verdict: dict  # as the reader gave it
    cpu: dict[str, float]  # seconds of each process, `machine`, `others` and `clock` from first to last event
    broker_threads: int
    idle_bytes: int
    memory: list[tuple[float, int]] = field(repr=False)

    @property
    def findings(self) -> dict:
        return self.verdict["findings"]

    @property
    def rate(self) -> float:
        return self.verdict["events_a_second"]

    @property
    def cpu_us_an_event(self) -> float:
        return self.cpu["bridge"] * 1e6 / max(1, self.findings["delivered"])

    @property
    def peak_bytes(self) -> int:
        return max((size for _, size in self.memory), default=self.idle_bytes)

    def share(self, process: str) -> float:
        """Of one core."""
        return self.cpu[process] / self.cpu["clock"]

    def limit(self) -> str:
        """What kept it from being faster: a single-threaded part that was busy, or the machine as a whole."""
        if self.share("generator") > 0.9:
            return "generator"
        if self.share("broker") > 0.9 * self.broker_threads:
            return "broker"
        return "processor" if self.share("machine") > 0.93 * os.cpu_count() else "bridge"

    def record(self) -> dict:
        seconds = {int(second): size for second, size in self.memory}
        return asdict(self) | {"memory": sorted(seconds.items()), "limited_by": self.limit()}

    def __str__(self) -> str:
        wrong = "" if self.findings["sound"] else f", {describe_findings(self.findings)}"
        return (f"{self.rate:,.0f} events/s, {self.cpu_us_an_event:.1f} µs CPU an event, "
                f"{self.peak_bytes / 1048576:.0f} MiB, limit: {self.limit()}, others "
                f"{100 * self.share('others'):.0f} %{wrong}")


def describe_findings(findings: dict) -> str:
    """What was wrong, in words; duplicates are no fault and said all the same."""
    kinds = {"lost": "lost", "altered": "altered", "out_of_order": "out of order", "split_keys": "keys split",
             "foreign": "foreign", "duplicates": "duplicates"}
    said = [f"{findings[kind]:,} {word}" for kind, word in kinds.items() if findings[kind]]
    return ", ".join(said) or "all there, in order"


@contextmanager
def run_directory(name: str):
    """A fresh one, which goes when the run ends well and stays for a look when it does not."""
    directory = places.work / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    yield directory
    shutil.rmtree(directory)


@contextmanager
def ending(child: Child):
    try:
        yield child
    finally:
        child.end()


def full_speed(bridge: Bridge, target, events: Events, *, tls: bool = False) -> Run:
    """As fast as the bridge takes the events, from the first to the last."""
    return measure(bridge, target, events, rate=0, tls=tls, live=False)


def at_rate(bridge: Bridge, target, events: Events, rate: float, *, tls: bool = True, live: bool = True) -> Run:
    """With the time of each event, from the moment at which the simulated PBX pushed it."""
    return measure(bridge, target, events, rate=rate, tls=tls, live=live)


def measure(bridge: Bridge, target, events: Events, *, rate: float, tls: bool, live: bool) -> Run:
    with run_directory("run") as directory:
        simulator = Simulator(events, directory, rate=rate, tls=tls, ledger=rate > 0, flags=bridge.simulator_flags)
        with ending(simulator.child):
            reader = target.open_reader(events, directory, live)
            with ending(reader.child):
                wiring = Wiring(directory, simulator.url, simulator.ca_file, target.broker.port, target.topic)
                bridge_child = bridge.start(wiring)
                with ending(bridge_child):
                    simulator.wait_for_subscriptions(bridge.subscriptions)
                    bridge.wait_until_ready(bridge_child)
                    time.sleep(settle_seconds)
                    run = watch(simulator, bridge_child, target.broker, reader)
                # Behind the bridge's end, so that the judgement takes nothing from it and nothing comes any more.
                run.verdict = reader.judge(simulator.ledger)
                return run


def watch(simulator: Simulator, bridge: Child, broker, reader: Reader) -> Run:
    idle_bytes = resident_bytes(bridge.pid)
    meter = Meter({"generator": simulator.child.pid, "bridge": bridge.pid, "broker": broker.child.pid,
                   "reader": reader.child.pid})
    memory = MemoryWatch(bridge.pid)
    started = time.monotonic()
    simulator.start()
    pushed_seconds = push_and_wait(simulator, bridge, reader, started)
    return Run(simulator.events.count, pushed_seconds, {}, meter.read(), broker.threads, idle_bytes, memory.end())


def push_and_wait(simulator: Simulator, bridge: Child, reader: Reader, started: float) -> float:
    """Until as many messages have arrived as events were pushed, or nothing happens any more."""
    pushed_seconds = 0.0
    progress, last_progress = -1, time.monotonic()
    while True:
        if not pushed_seconds and simulator.has_pushed(0.02):
            pushed_seconds = time.monotonic() - started
        if pushed_seconds:
            time.sleep(0.02)
        arrived = reader.look()
        if arrived != progress:
            progress, last_progress = arrived, time.monotonic()
        if pushed_seconds and arrived >= simulator.events.count:
            return pushed_seconds
        if not bridge.running():
            raise Failure(f"{bridge.name} ended with {bridge.process.returncode}{bridge.last_words()}")
        if time.monotonic() - last_progress > patience_seconds:
            if pushed_seconds:
                return pushed_seconds  # what is missing is lost, and the judgement will say so
            raise Failure(f"{bridge.name} takes no events any more{bridge.last_words()}")
