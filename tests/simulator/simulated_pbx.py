"""A running pbxbridge-sim on a port of its own, which does what a test tells it."""

import subprocess
import threading
import time
from pathlib import Path


class SimulatedPbx:
    def __init__(self, programs: Path, *options: str):
        self._lines: list[str] = []
        self._ended = False
        self._heard = threading.Condition()
        command = [programs / "pbxbridge-sim", "--control", "--verbose", *options]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         text=True, bufsize=1)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.url = self.wait_for("listening ").removeprefix("listening ")
        except AssertionError:
            self.__exit__()
            raise

    def __enter__(self) -> "SimulatedPbx":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            with self._heard:
                self._lines.append(line.rstrip("\n"))
                self._heard.notify_all()
        with self._heard:
            self._ended = True
            self._heard.notify_all()

    def lines(self) -> list[str]:
        with self._heard:
            return list(self._lines)

    def wait_for(self, part: str, seconds: float = 20) -> str:
        """The first line that holds it, written already or yet to come."""
        return self._wait(lambda: next((line for line in self._lines if part in line), None), repr(part), seconds)

    def command(self, line: str) -> str:
        """The answer, which must be `ok ...`."""
        before = len(self._answers())
        self._process.stdin.write(line + "\n")
        answer = self._wait(lambda: next(iter(self._answers()[before:]), None), f"an answer to {line}")
        if not answer.startswith("ok "):
            raise AssertionError(f"{line}: {answer}")
        return answer

    def _answers(self) -> list[str]:
        return [line for line in self._lines if line.startswith(("ok ", "error: "))]

    def _wait(self, find, what: str, seconds: float = 20):
        deadline = time.monotonic() + seconds
        with self._heard:
            while (found := find()) is None:
                if self._ended or not self._heard.wait(deadline - time.monotonic()):
                    raise AssertionError(f"not within {seconds} s: {what}\n" + "\n".join(self._lines[-20:]))
        return found
