"""A Node script, as people write it: ws with kafkajs or mqtt.js."""

import json
import shutil
import subprocess

from .. import places
from ..child import Child
from .bridge import Bridge, Wiring, peer_environment

_scripts = places.peers / "node"
_copy = places.cache / "node"  # where npm may write


class NodeScript(Bridge):
    needs = "node"

    def __init__(self, name: str, script: str, mqtt_version: str = ""):
        self.name = name
        self._script = script
        self.protocol = mqtt_version

    def fetch(self) -> None:
        _copy.mkdir(parents=True, exist_ok=True)
        package, installed = _scripts / "package.json", _copy / "package.json"
        fresh = not installed.exists() or installed.read_bytes() != package.read_bytes()
        for file in _scripts.iterdir():
            if file != package:
                shutil.copy(file, _copy)
        if fresh:
            command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(_copy)]
            shutil.copy(package, _copy / "package.json.new")
            (_copy / "package.json.new").replace(installed)
            try:
                subprocess.run(command, check=True, cwd=_copy)
            except subprocess.CalledProcessError:
                installed.unlink()
                raise

    def version(self) -> str:
        node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
        packages = json.loads((_scripts / "package.json").read_text())["dependencies"]
        return f"Node {node.lstrip('v')}, " + ", ".join(f"{name} {version}" for name, version in packages.items())

    def start(self, wiring: Wiring) -> Child:
        return Child(self.name, ["node", str(_copy / self._script)], wiring.directory / "node.log",
                     peer_environment(wiring, self.protocol))
