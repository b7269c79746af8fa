"""State that all parts of one benchmark share: how often, how much, against whom, and where it is reported."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import interleaving
from .child import Failure
from .figures import middle
from .run import faults
from .usage import machine_busy_seconds

calm_share = 0.15  # of one core, taken by processes that have nothing to do with the run
longest_calm_patience = 20.0  # seconds


@dataclass
class Table:
    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)


@dataclass
class Session:
    runs: int
    scale: float = 1.0  # of the numbers of events and of the times
    with_peers: bool = True
    calm_patience: float = longest_calm_patience
    unsound: list[str] = field(default_factory=list)  # runs of pbxbridge in which something was wrong
    failures: list[str] = field(default_factory=list)  # runs that came to no result
    disturbances: list[float] = field(default_factory=list)  # shares of a core
    records: list[dict] = field(default_factory=list)  # every run, for the JSON report

    def events(self, count: int) -> int:
        return max(1000, int(count * self.scale))

    def contenders(self, bridges: Sequence) -> list:
        """Those that take part, fetched."""
        chosen = [bridge for bridge in bridges if self.with_peers or not bridge.peer]
        for bridge in chosen:
            try:
                bridge.fetch()
            except subprocess.CalledProcessError as error:
                raise Failure(f"{bridge.name} cannot be fetched: {error}") from None
        return chosen

    def tell(self, line: str) -> None:
        print(f"  {time.strftime('%H:%M:%S')}  {line}", flush=True)

    def measure(self, part: str, contenders: Sequence, run: Callable, name: Callable[[object], str]) -> dict:
        """Interleaved runs of each contender, of which the calmest `runs` count."""

        def one(contender):
            self.wait_for_calm()
            result = run(contender)
            self.note(part, name(contender), result)
            return result

        results = interleaving.measure(contenders, self.runs, one, name, self.tell,
                                       lambda failure: self.failures.append(f"{part}, {failure}"))
        self.disturbances += [run.share("others") for runs in results.values() for run in runs]
        return results

    def take_disturbance(self) -> str:
        """A sentence about what else went on during the runs since the last time."""
        shares, self.disturbances = self.disturbances, []
        if not shares:
            return ""
        return (f"Meanwhile other processes on this machine took {100 * middle(shares):.0f} % of a core, and "
                f"{100 * max(shares):.0f} % at most.")

    def wait_for_calm(self) -> None:
        """Waits until nothing else keeps the machine busy; shorter and shorter, where that does not happen."""
        deadline = time.monotonic() + self.calm_patience
        while time.monotonic() < deadline:
            begin, started = machine_busy_seconds(), time.monotonic()
            time.sleep(1)
            if (machine_busy_seconds() - begin) / (time.monotonic() - started) < calm_share:
                self.calm_patience = longest_calm_patience
                return
        self.calm_patience /= 2

    def note(self, part: str, name: str, result) -> None:
        self.records.append({"part": part, "contender": name, **result.record()})
        if not name.startswith("pbxbridge"):
            return
        dropped = result.verdict.get("dropped", 0)  # as pbxbridge counted them
        if dropped != result.findings["lost"]:
            self.unsound.append(f"{part}, {name}: {result.findings['lost']} events are lost and {dropped:.0f} counted as "
                                "dropped")
        if any(result.findings[kind] for kind in faults if kind != "lost"):
            self.unsound.append(f"{part}, {name}: {'; '.join(result.findings['examples'])}")
        if (connections := result.verdict.get("connections", 1)) != 1:
            self.unsound.append(f"{part}, {name}: it connected to the PBX {connections:.0f} times")
