"""Results of one run, and their words."""

import os
from dataclasses import dataclass, field
from functools import cached_property

from .usage import Usage

slice_seconds = 0.1  # of the verdict's `slices`: events that arrived in it, and the 99th percentile of their latencies


@dataclass
class Run:
    events: int
    pushed_seconds: float  # until the simulated PBX had pushed everything
    usage: Usage = field(repr=False)  # from the first push until all had arrived
    broker_threads: int  # that it can keep busy at once
    idle_bytes: int
    pace: float = 0  # events a second that were pushed; 0: as many as were taken
    verdict: dict = field(default_factory=dict, repr=False)  # as the reader gave it

    @cached_property
    def cpu(self) -> dict[str, float]:
        """Seconds of each process, `machine`, `others` and `clock`."""
        return self.usage.cpu()

    @cached_property
    def cpu_in_flow(self) -> dict[str, float]:
        """The same as `cpu`, from the first arrival to the last: before and after nobody can be busy."""
        return self.usage.cpu_between(self.verdict["first_us"] / 1e6, self.verdict["last_us"] / 1e6)

    @property
    def memory(self) -> list[tuple[float, int]]:
        """Seconds, bytes."""
        return self.usage.memory

    @property
    def findings(self) -> dict:
        return self.verdict["findings"]

    @property
    def rate(self) -> float:
        return self.verdict["events_a_second"]

    @property
    def keeps_pace(self) -> bool:
        return self.rate > 0.95 * self.pace

    @property
    def cpu_us_an_event(self) -> float:
        return self.cpu["bridge"] * 1e6 / max(1, self.findings["delivered"])

    @property
    def peak_bytes(self) -> int:
        return max(size for _, size in self.memory)

    def latency_us(self, percentile: str) -> float:
        return self.verdict["latency_us"][percentile]

    def share(self, process: str) -> float:
        """Share of one core."""
        return self.cpu[process] / self.cpu["clock"]

    def limit(self) -> str:
        """Names what kept it from being faster: the pace of the run, a part that can do no more, the machine as a whole; what
        else there is (its own threads, the disk, round trips) is put down to the bridge."""
        if self.pace and self.keeps_pace:
            return "pace"
        if self._kept_busy("generator") > 0.9:
            return "generator"
        if self._kept_busy("broker") > 0.9 * self.broker_threads:
            return "broker"
        return "processor" if self._kept_busy("machine") > 0.93 * os.cpu_count() else "bridge"

    def _kept_busy(self, process: str) -> float:
        """Number of cores."""
        seconds = self.cpu_in_flow["clock"]
        return self.cpu_in_flow[process] / seconds if seconds > 0 else 0.0

    def record(self) -> dict:
        """Entry of the JSON report, with the memory of each second."""
        seconds = {int(second): size for second, size in self.memory}
        return {"events": self.events, "pushed_seconds": self.pushed_seconds, "cpu": self.cpu,
                "cpu_in_flow": self.cpu_in_flow, "broker_threads": self.broker_threads, "idle_bytes": self.idle_bytes,
                "memory": sorted(seconds.items()), "pace": self.pace, "verdict": self.verdict,
                "limited_by": self.limit()}

    def __str__(self) -> str:
        latency = "".join(f", {name} {self.latency_us(name) / 1000:.2f} ms" for name in ("p50", "p99", "p99.9")
                          if "latency_us" in self.verdict)
        wrong = "" if self.findings["sound"] else f", {describe_findings(self.findings)}"
        return (f"{self.rate:,.0f} events/s{latency}, {self.cpu_us_an_event:.1f} µs CPU an event, "
                f"{self.peak_bytes / 2**20:.0f} MiB, limit: {self.limit()}, others {100 * self.share('others'):.0f} %"
                f"{wrong}")


# Faults that the judge can find, the worst first, and their names in the report.
faults = {"lost": "lost", "altered": "altered", "foreign": "foreign", "out_of_order": "out of order",
          "split_keys": "keys split", "merged_keys": "keys shared", "without_attributes": "without attributes",
          "shared_ids": "ids shared", "changed_ids": "ids changed"}


def describe_findings(findings: dict) -> str:
    """Says in words what was wrong; duplicates are no fault and are listed all the same."""
    kinds = faults | {"duplicates": "duplicates"}
    said = [f"{findings[kind]:,} {word}" for kind, word in kinds.items() if findings[kind]]
    return ", ".join(said) or "all there, in order"


def describe_worst(runs: list) -> str:
    """Describes, of several runs of one contender, the one with the most wrong in it."""
    return describe_findings(max((run.findings for run in runs), key=severity))


def severity(findings: dict) -> tuple:
    """The greater, the worse."""
    return (not findings["sound"], *(findings[kind] for kind in faults), findings["duplicates"])


def usual_limit(runs: list[Run]) -> str:
    limits = [run.limit() for run in runs]
    return max(limits, key=limits.count)
