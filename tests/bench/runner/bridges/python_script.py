"""A Python script, as people write it: websockets with confluent-kafka or paho-mqtt."""

import subprocess
import sys

from .. import places
from ..child import Child
from .bridge import Bridge, Wiring, peer_environment

_scripts = places.peers / "python"
_environment = places.cache / "python"


class PythonScript(Bridge):
    needs = "python"

    def __init__(self, name: str, script: str, mqtt_version: str = "", linger_ms: float | None = None):
        self.name = name
        self._script = _scripts / script
        self.protocol = mqtt_version
        self._settings = {} if linger_ms is None else {"LINGER_MS": str(linger_ms)}

    def fetch(self) -> None:
        requirements = _scripts / "requirements.txt"
        complete = _environment / "complete"
        if complete.exists() and complete.stat().st_mtime > requirements.stat().st_mtime:
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(_environment)], check=True)
        subprocess.run([_environment / "bin" / "pip", "install", "--quiet", "-r", str(requirements)], check=True)
        complete.touch()

    def version(self) -> str:
        packages = (_scripts / "requirements.txt").read_text().split()
        return f"Python {sys.version.split()[0]}, " + ", ".join(package.replace("==", " ") for package in packages)

    def start(self, wiring: Wiring) -> Child:
        return Child(self.name, [str(_environment / "bin" / "python"), str(self._script)],
                     wiring.directory / "python.log", peer_environment(wiring, self.protocol) | self._settings)
