"""The simulated PBX, and the files of events that it pushes, which are also what is judged by."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import places
from .child import Child, Failure

username, password = "admin", "secret"  # of the simulator: a system administrator, to whom everything is open
tenants = ["710000000000000001", "720000000000000001"]
topics = [f"global_{family}_events"
          for family in ("extension_management", "extension", "cdr", "queue_management", "queue")]


@dataclass(frozen=True)
class Events:
    directory: Path
    count: int
    users: Path | None = None  # of the simulated PBX, instead of its own

    @property
    def file(self) -> Path:
        return self.directory / "events.ndjson"

    def remove(self) -> None:
        shutil.rmtree(self.directory)


def make_events(count: int, size: int = 0, users: Path | None = None) -> Events:
    """Made once and kept. `size` in bytes of each event, 0: as they come, 400 on average. `users`: a file of tenants,
    as the simulated PBX takes it."""
    directory = places.event_files / f"{count}-{size or 'mixed'}{'-' + users.stem if users else ''}"
    if not (directory / "complete").exists():
        shutil.rmtree(directory, ignore_errors=True)
        options = (["--size", str(size)] if size else []) + (["--users", str(users)] if users else [])
        subprocess.run([places.program("bench-events"), str(directory), str(count), *options], check=True)
        (directory / "complete").touch()
    return Events(directory, count, users)


class Simulator:
    def __init__(self, events: Events, directory: Path, *, rate: float = 0, tls: bool = False, ledger: bool = False,
                 flags: tuple[str, ...] = ()):
        """`rate` events a second after `start`; 0: as fast as they are taken."""
        self.events = events
        self.rate = rate
        self.ledger = directory / "ledger" if ledger else None
        self.ca_file = directory / "tls" / "ca.pem" if tls else None
        command = [places.program("pbxbridge-sim"), "--replay", str(events.file), "--rate", str(rate), "--no-snapshots",
                   "--start-after", "1000000", "--control", "--verbose"]
        if tls:
            command += ["--tls-directory", str(directory / "tls")]
        if ledger:
            command += ["--ledger", str(self.ledger)]
        if events.users:
            command += ["--users", str(events.users)]
        self.child = Child("pbxbridge-sim", [*command, *flags], directory / "simulator.log")
        self.url = self.child.wait_for_line("listening", 300).split()[1]

    def wait_for_subscriptions(self, count: int = len(topics), patience: float = 60) -> None:
        for _ in range(count):
            line = self.child.wait_for_line(" subscribe", patience)
            if "rejected" in line:
                raise Failure(f"the simulated PBX rejected a subscription: {line}")

    def start(self) -> None:
        """`has_pushed` shows whether it does so: a few events are pushed before it has answered."""
        self.child.say("start")

    def has_pushed(self, patience: float) -> bool:
        """Says whether everything is pushed by now or within the time."""
        line = self.child.next_line(patience)
        if line is None:
            return False
        if line.startswith("error"):
            raise Failure(f"the simulated PBX does not start: {line}")
        if "had no subscriber" in line and "; 0 lines" not in line:
            raise Failure(f"the bridge was not there for all events: {line}")
        return line.startswith("pushed ")
