"""Waits for conditions, and ends what was started."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


def eventually(find: Callable[[], Found], what: str, seconds: float = 20) -> Found:
    """Returns what `find` returns, once that is true."""
    deadline = time.monotonic() + seconds
    while True:
        if found := find():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Child:
    """A process of a session of its own, whose output goes into a file."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None):
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            env=os.environ | (environment or {}), start_new_session=True)

    def wait_for(self, part: str, seconds: float = 30) -> str:
        """The first line that holds it."""

        def line() -> str | None:
            lines = self.log.read_text(errors="replace").splitlines()
            found = next((each for each in lines if part in each), None)
            if found is None and self.process.poll() is not None:
                raise AssertionError(f"{self.process.args[0]} has ended:\n" + "\n".join(lines[-20:]))
            return found

        return eventually(line, f"{part!r} in {self.log.name}:\n{self.log.read_text(errors='replace')[-2000:]}", seconds)

    def end(self) -> None:
        """It and what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
