"""A child process: started in a session of its own, heard line by line, ended by its own process id."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path


class Failure(Exception):
    """Reason why a run is void, as a sentence for people."""


_started: list["Child"] = []


def end_all() -> None:
    """Ends each child that its starter was kept from ending."""
    for child in list(reversed(_started)):
        child.end()


class Child:
    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str] | None = None):
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        # A proxy in the environment would change connections on this machine, and that is not what is measured.
        variables = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        with log.open("wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            env=variables | (environment or {}), start_new_session=True)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        _started.append(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    def running(self) -> bool:
        return self.process.poll() is None

    def say(self, line: str) -> None:
        try:
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"{self.name} has ended{self.last_words()}") from None

    def next_line(self, patience: float) -> str | None:
        """The next line it says; None where none comes in time. Raises once it has ended."""
        try:
            line = self._lines.get(timeout=patience)
        except queue.Empty:
            return None
        if line is None:
            self.process.wait()
            raise Failure(f"{self.name} ended with {self.process.returncode}{self.last_words()}")
        return line

    def wait_for_line(self, part: str, patience: float = 60) -> str:
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            line = self.next_line(left)
            if line is not None and part in line:
                return line
        raise Failure(f"{self.name} did not say '{part}' within {patience:.0f} s{self.last_words()}")

    def end(self, patience: float = 15) -> None:
        """SIGTERM, and SIGKILL to who does not care."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reap()

    def kill(self) -> None:
        self.process.kill()
        self._reap()

    def wait(self, patience: float) -> None:
        """Waits until it has ended by itself."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} has not ended after {patience:.0f} s{self.last_words()}") from None

    def _reap(self) -> None:
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self in _started:
            _started.remove(self)

    def last_words(self) -> str:
        words = self.log.read_text(errors="replace").splitlines()[-5:]
        return ":\n  " + "\n  ".join(words) if words else ""

    def _listen(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line.decode(errors="replace").rstrip("\n"))
        self._lines.put(None)


def wait_until(what: str, condition, patience: float = 60, child: Child | None = None) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        if child is not None and not child.running():
            raise Failure(f"{child.name} ended before {what}{child.last_words()}")
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {patience:.0f} s{child.last_words() if child else ''}")
        time.sleep(0.05)
