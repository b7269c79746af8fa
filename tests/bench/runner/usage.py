"""What processes take: CPU time and resident memory, of a process and all it has started."""

import os
import threading
import time
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


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree, also of children that have ended and were waited for."""
    ticks = 0
    for process in _tree(pid):
        try:
            ticks += sum(map(int, _stat_fields(process)[11:15]))
        except OSError:
            continue
    return ticks / _tick


def resident_bytes(pid: int) -> int:
    pages = 0
    for process in _tree(pid):
        try:
            pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _page


def machine_busy_seconds() -> float:
    """Of all cores together, since the machine started, whoever kept them busy; time stolen by the host as well."""
    user, nice, system, _idle, _wait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _tick


class MemoryWatch:
    """Resident memory over time, looked at ten times a second until `end`."""

    def __init__(self, pid: int):
        self.samples: list[tuple[float, int]] = []  # seconds since the start of the watch, bytes
        self._pid = pid
        self._ended = threading.Event()
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self.samples.append((time.monotonic() - self._started, resident_bytes(self._pid)))

    def end(self) -> list[tuple[float, int]]:
        self._ended.set()
        self._thread.join()
        return self.samples


class Meter:
    """CPU time of named processes from its making to `read`."""

    def __init__(self, processes: dict[str, list[int]]):
        self._processes = processes
        self._begin = self._now()

    def _now(self) -> dict[str, float]:
        times = {name: sum(map(cpu_seconds, pids)) for name, pids in self._processes.items()}
        return times | {"machine": machine_busy_seconds(), "clock": time.monotonic()}

    def replaced(self, name: str, pid: int) -> None:
        """By one that has just begun, and whose start counts; what the one before took went with it."""
        self._processes[name] = [pid]
        self._begin[name] = 0.0

    def read(self) -> dict[str, float]:
        """Seconds by name, with `machine`, `clock` and `others`: what the machine did beside these processes."""
        now = self._now()
        spent = {name: max(0.0, now[name] - begin) for name, begin in self._begin.items()}  # who has ended has 0
        spent["others"] = max(0.0, spent["machine"] - sum(spent[name] for name in self._processes))
        return spent
