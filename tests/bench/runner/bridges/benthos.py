"""Benthos 4.27.0, the open ancestor of Redpanda Connect, built with the components that it needs here."""

import shutil
import subprocess
from dataclasses import dataclass

from .. import places
from ..child import Child
from .bridge import Bridge, Wiring, peer_environment

_sources = places.peers / "benthos"
_copy = places.cache / "benthos"  # where Go may write
_program = _copy / "benthos"
_built_from = _copy / "built-from"  # the sources and the Go that the program was made of


@dataclass(frozen=True)
class Flow:
    """Number of messages under way at once: more is faster, and loses the order."""

    threads: str
    in_flight: int
    batch: int
    period: str

    def environment(self) -> dict[str, str]:
        return {"THREADS": self.threads, "IN_FLIGHT": str(self.in_flight), "BATCH": str(self.batch),
                "PERIOD": self.period}


as_it_comes = Flow("-1", 10, 0, "")  # its defaults
in_batches = Flow("-1", 10, 500, "5ms")
in_order = Flow("1", 1, 500, "1ms")  # one batch at a time by one thread is what keeps the order
mqtt_as_it_comes = Flow("-1", 64, 0, "")
mqtt_in_order = Flow("1", 1, 0, "")


class Benthos(Bridge):
    needs = "go"
    # Its websocket input can send one message only: a sign-in, but no subscribe behind it.
    simulator_flags = ("--subscribe-at-sign-in",)

    def __init__(self, name: str, configuration: str, flow: Flow, protocol: str = ""):
        self.name = name
        self._configuration = _sources / configuration
        self._flow = flow
        self.protocol = protocol

    def fetch(self) -> None:
        files = ["main.go", "go.mod"]
        go = subprocess.run(["go", "version"], check=True, capture_output=True, text=True, cwd=_sources).stdout
        wanted = go + "".join((_sources / file).read_text() for file in files)
        if _program.exists() and _built_from.exists() and _built_from.read_text() == wanted:
            return
        _copy.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(_sources / file, _copy)
        subprocess.run(["go", "build", "-mod=mod", "-o", str(_program), "."], check=True, cwd=_copy)
        _built_from.write_text(wanted)

    def version(self) -> str:
        go = subprocess.run(["go", "version", str(_program)], check=True, capture_output=True, text=True).stdout
        return f"Benthos 4.27.0, built with {go.split()[-1].replace('go', 'Go ')}"

    def start(self, wiring: Wiring) -> Child:
        environment = peer_environment(wiring) | self._flow.environment()
        environment |= {"PBX_TLS": "true" if wiring.ca_file else "false", "PBX_CA_FILE": str(wiring.ca_file or "")}
        return Child(self.name, [str(_program), "-c", str(self._configuration)], wiring.directory / "benthos.log",
                     environment)
