"""Usage of processes: CPU time and resident memory, of a process and all it has started."""

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_tick = os.sysconf("SC_CLK_TCK")
_page = os.sysconf("SC_PAGE_SIZE")


def _tree(pid: int) -> list[int]:
    found, pending = [], [pid]
    while pending:
        process = pending.pop()
        found.append(process)
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                pending += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it has ended, or a thread of it
    return found


def _stat_fields(process: Path) -> list[str]:
    """The fields of its `stat` below /proc from the third on: the second may hold spaces."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _cpu_seconds_of(processes: Iterable[int]) -> float:
    """User and system time, also of children that have ended and were waited for."""
    ticks = 0
    for process in processes:
        try:
            ticks += sum(map(int, _stat_fields(Path(f"/proc/{process}"))[11:15]))
        except OSError:
            continue
    return ticks / _tick


def _resident_bytes_of(processes: Iterable[int]) -> int:
    pages = 0
    for process in processes:
        try:
            pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _page


def cpu_seconds(pid: int) -> float:
    return _cpu_seconds_of(_tree(pid))


def resident_bytes(pid: int) -> int:
    return _resident_bytes_of(_tree(pid))


def thread_cpu_seconds(pid: int) -> dict[str, float]:
    """User and system time of a process' threads, by name; that of the first one is `main`."""
    seconds: dict[str, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = "main" if task.name == str(pid) else (task / "comm").read_text().rstrip("\n")
            ticks = sum(map(int, _stat_fields(task)[11:13]))
        except OSError:
            continue  # it has ended
        seconds[name] = seconds.get(name, 0.0) + ticks / _tick
    return seconds


def machine_busy_seconds() -> float:
    """Returns for how long all cores together were busy since the machine started, whoever kept them so; time stolen by the host as well."""
    user, nice, system, _idle, _wait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _tick


@dataclass(frozen=True)
class Sample:
    time: float  # UNIX time, as the readers tell the times of arrivals
    cpu: dict[str, float]  # seconds by process, and `machine`
    resident_bytes: int


class Usage:
    """CPU time and resident memory over time."""

    def __init__(self, samples: list[Sample]):
        self._samples = samples
        self._times = [sample.time for sample in samples]

    @property
    def memory(self) -> list[tuple[float, int]]:
        """Seconds since the first sample, bytes."""
        return [(sample.time - self._times[0], sample.resident_bytes) for sample in self._samples]

    def cpu(self) -> dict[str, float]:
        """Seconds by name, with `machine`, `clock` and `others`: what the machine did alongside these processes."""
        return self.cpu_between(self._times[0], self._times[-1])

    def cpu_between(self, begin: float, end: float) -> dict[str, float]:
        """The same of a part of the time."""
        before, after = self._cpu_at(begin), self._cpu_at(end)
        spent = {name: after[name] - before[name] for name in before}
        processes = sum(seconds for name, seconds in spent.items() if name not in ("machine", "clock"))
        return spent | {"others": max(0.0, spent["machine"] - processes)}

    def _cpu_at(self, moment: float) -> dict[str, float]:
        """Between two samples, as if it had been spent evenly."""
        moment = min(max(moment, self._times[0]), self._times[-1])
        index = max(1, bisect_left(self._times, moment))
        before, after = self._samples[index - 1], self._samples[index]
        share = (moment - before.time) / (after.time - before.time)
        at = {name: begin + share * (after.cpu[name] - begin) for name, begin in before.cpu.items()}
        return at | {"clock": moment}


class UsageWatch:
    """Looks ten times a second at named processes and what they have started by now, until `end`. What these start
    later is not looked at."""

    def __init__(self, processes: dict[str, list[int]], remembering: str):
        """`remembering`: whose memory is looked at."""
        self._processes = {name: [child for pid in pids for child in _tree(pid)] for name, pids in processes.items()}
        self._remembering = remembering
        self._before = dict.fromkeys(processes, 0.0)  # CPU seconds of those that were replaced
        self._lock = threading.Lock()
        self._samples: list[Sample] = []
        self._ended = threading.Event()
        self._look()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def replaced(self, name: str, pid: int) -> None:
        """Takes one that has just begun in its place; its start counts."""
        with self._lock:
            self._before[name] = self._samples[-1].cpu[name]
            self._processes[name] = [pid]

    def end(self) -> Usage:
        self.stop()
        self._look()
        return Usage(self._samples)

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self._look()

    def _look(self) -> None:
        with self._lock:
            cpu = {name: self._before[name] + _cpu_seconds_of(pids) for name, pids in self._processes.items()}
            if self._samples:  # who has ended says nothing any more, and keeps what it took
                cpu = {name: max(seconds, self._samples[-1].cpu[name]) for name, seconds in cpu.items()}
            self._samples.append(Sample(time.time(), cpu | {"machine": machine_busy_seconds()},
                                        _resident_bytes_of(self._processes[self._remembering])))
