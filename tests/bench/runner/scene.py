"""A simulated PBX, a bridge, a broker and a reader, set up and ready; and the two runs that most parts need."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import places
from .bridges.bridge import Bridge, Wiring
from .bridges.pbxbridge import Pbxbridge
from .child import Child, Failure
from .generator import Events, Simulator, make_events
from .readers import Reader
from .run import Run
from .targets import Target
from .usage import UsageWatch, resident_bytes

warming_events = 300_000
quiet_seconds = 0.3  # without a message, at the end
settle_seconds = 1.0  # between the last subscription and the first event: time to connect to the broker


@contextmanager
def run_directory() -> Iterator[Path]:
    """A fresh one, which goes when the run ends well and stays for a look when it does not."""
    directory = places.work / "run"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        yield directory
    except BaseException:
        directory.rename(places.work / f"failed-{time.strftime('%H%M%S')}")
        raise
    shutil.rmtree(directory)


@dataclass
class Scene:
    bridge: Bridge
    wiring: Wiring
    child: Child  # of the bridge
    simulator: Simulator
    reader: Reader
    target: Target
    stack: ExitStack

    def start_bridge(self) -> None:
        """Once more, after it has ended."""
        self.child = self.bridge.start(self.wiring)
        self.stack.callback(self.child.end)

    def begin(self) -> "Watch":
        """The first event now, if it has not been pushed yet."""
        watch = Watch(self)
        self.simulator.start()
        return watch

    def push_all(self, patience: float = 20.0) -> Run:
        """Every event, until as many have arrived or nothing has come for so many seconds."""
        watch = self.begin()
        return watch.end(self.wait_for_arrivals(patience))

    def wait_for_arrivals(self, patience: float, look: Callable[[], None] = lambda: None) -> float:
        """Waits until as many have arrived as were pushed. Returns after how many seconds the simulated PBX had pushed everything.
        What has not arrived when nothing comes any more is lost, and the judgement will say so."""
        started = last_progress = time.monotonic()
        progress, pushed_seconds = 0, 0.0
        while True:
            if not pushed_seconds and self.simulator.has_pushed(0.02):
                pushed_seconds = time.monotonic() - started
            if pushed_seconds:
                time.sleep(0.02)
            arrived = self.reader.look()
            look()
            if arrived != progress:
                progress, last_progress = arrived, time.monotonic()
            if pushed_seconds and arrived >= self.simulator.events.count:
                return pushed_seconds
            if not self.child.running():
                raise Failure(f"{self.bridge.name} ended with {self.child.process.returncode}{self.child.last_words()}")
            if time.monotonic() - last_progress > patience:
                if pushed_seconds:
                    return pushed_seconds
                raise Failure(f"{self.bridge.name} takes no events any more{self.child.last_words()}")

    def _wait_for_quiet(self) -> None:
        """Says whether as many have arrived as were pushed; with duplicates among them, the last may be yet to come."""
        arrived, since = self.reader.look(), time.monotonic()
        while time.monotonic() - since < quiet_seconds:
            time.sleep(0.02)
            if (now := self.reader.look()) != arrived:
                arrived, since = now, time.monotonic()

    def judge(self) -> dict:
        """Behind the bridge's end, so that the judgement takes nothing from it and nothing comes any more. Where
        pbxbridge was at fault, what it said stays for a look."""
        self._wait_for_quiet()
        self.child.end()
        verdict = self.reader.judge(self.simulator.ledger)
        if not self.bridge.peer and not verdict["findings"]["sound"]:
            shutil.copytree(self.wiring.directory, places.work / f"unsound-{time.strftime('%H%M%S')}")
        return verdict


class Watch:
    """Measures what everyone takes, from now on."""

    def __init__(self, watched: Scene):
        self._events = watched.simulator.events.count
        self._pace = watched.simulator.rate
        self._broker_threads = watched.target.broker.threads
        self._idle_bytes = resident_bytes(watched.child.pid)
        self._watched = watched
        self._usage = UsageWatch({"generator": [watched.simulator.child.pid], "bridge": [watched.child.pid],
                                  "broker": [watched.target.broker.child.pid],
                                  "reader": [child.pid for child in watched.reader.children]}, remembering="bridge")
        watched.stack.callback(self._usage.stop)  # also where the run fails

    def end(self, pushed_seconds: float) -> Run:
        return Run(self._events, pushed_seconds, self._usage.end(), self._broker_threads, self._idle_bytes, self._pace)

    def broker_came_back(self) -> None:
        """Notes that the broker is another process now."""
        self._usage.replaced("broker", self._watched.target.broker.child.pid)


@contextmanager
def scene(bridge: Bridge, target: Target, events: Events, *, rate: float = 0, tls: bool = True, live: bool = False,
          timed: bool = True, broker_port: int = 0) -> Iterator[Scene]:
    """Ready for the first event. `rate` 0: as fast as the bridge takes them. `timed`: at a rate, the
    simulated PBX writes down when it pushed each event, without which there are no latencies. `live`: with the time at which a consumer
    has each event, instead of the broker's own. `broker_port`: where the bridge looks for the broker instead, in
    vain."""
    with run_directory() as directory, ExitStack() as stack:
        simulator = Simulator(events, directory, rate=rate, tls=tls, ledger=timed and rate > 0, flags=bridge.simulator_flags)
        stack.callback(simulator.child.end)
        reader = target.open_reader(events, directory, live, bridge.cloudevents)
        for child in reader.children:
            stack.callback(child.end)
        wiring = Wiring(directory, simulator.url, simulator.ca_file, broker_port or target.broker.port, target.topic)
        child = bridge.start(wiring)
        stack.callback(child.end)
        ready = Scene(bridge, wiring, child, simulator, reader, target, stack)
        simulator.wait_for_subscriptions(bridge.subscriptions)
        if not broker_port:
            bridge.wait_until_ready(child)
        time.sleep(settle_seconds)
        yield ready


def full_speed(bridge: Bridge, target: Target, events: Events, *, tls: bool = True) -> Run:
    """Runs as fast as the bridge takes the events, from the first to the last."""
    with scene(bridge, target, events, tls=tls) as ready:
        run = ready.push_all()
        run.verdict = ready.judge()
        return run


def at_rate(bridge: Bridge, target: Target, events: Events, rate: float, *, live: bool = True) -> Run:
    """Measures the latency of each event, from the moment at which the simulated PBX pushed it."""
    with scene(bridge, target, events, rate=rate, live=live) as ready:
        run = ready.push_all()
        run.verdict = ready.judge()
        return run


def warm_up(target: Target) -> None:
    """Warms up, so that the first run meets the same broker as the others: Kafka's virtual machine compiles what it does often,
    and the first hundred thousands of records cost it several times as much as later ones."""
    full_speed(Pbxbridge("pbxbridge", "format: raw"), target, make_events(warming_events))
