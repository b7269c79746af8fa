"""A simulated PBX, pbxbridge and mosquitto, each on 127.0.0.1."""

import json
import shutil
import sys
import urllib.request
from pathlib import Path

from waiting import Child, eventually

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))
from runner.ports import free_port  # no outgoing connection takes it while the broker is stopped

CONFIGURATION = """\
pbx:
  - name: hq
    url: {simulator}
    auth: {{ username: bridge, domain: example.test, password: secret }}
    subscribe:
      - {{ topic: extension_events, extensions: ["101", "102"] }}
      - {{ topic: extension_management_events }}
      - {{ topic: queue_events, queues: ["8001"] }}
      - {{ topic: queue_management_events }}
      - {{ topic: cdr_events }}
sinks:
  board:
    type: mqtt
    url: mqtt://127.0.0.1:{port}
    reconnect: {{ initial: 100ms, maximum: 300ms }}
  lake: {{ type: file, path: "{directory}/events.ndjson" }}
routes:
  - match: {{}}
    to: {{ sink: lake }}
  - match: {{ family: [queue, extension] }}
    to: {{ sink: board, topic: "pbx/{{family}}/{{entity|none}}" }}
  - match: {{ caller: "+4915550100" }}
    to: {{ sink: lake }}
spool: {{ path: "{directory}/spool" }}
admin: {{ listen: "127.0.0.1:0" }}
"""


class RunningBridge:
    def __init__(self, programs: Path, directory: Path, events_a_second: int = 20):
        self._directory = directory
        self._port = free_port()
        self._mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._children = []
        self.start_broker()
        simulator = self._start([programs / "pbxbridge-sim", "--rate", events_a_second, "--verbose"], "simulator")
        url = next(word for word in simulator.wait_for("ws://").split() if word.startswith("ws://"))
        self.configuration = directory / "pbxbridge.yaml"
        self.configuration.write_text(CONFIGURATION.format(simulator=url, port=self._port, directory=directory))
        bridge = self._start([programs / "pbxbridge", "run", "--config", self.configuration], "pbxbridge")
        self.address = json.loads(bridge.wait_for("admin.listening"))["address"]
        eventually(lambda: self.status()["verdict"]["level"] == "well", f"all is well: {bridge.log}")

    def status(self) -> dict:
        with urllib.request.urlopen(f"http://{self.address}/status", timeout=5) as answer:
            return json.load(answer)

    def waiting(self, sink: str) -> int:
        return next(each["lag"]["events"] for each in self.status()["sinks"] if each["name"] == sink)

    def start_broker(self) -> None:
        self._broker = self._start([self._mosquitto, "-p", self._port], "mosquitto")
        self._broker.wait_for("running")

    def stop_broker(self) -> None:
        self._broker.end()

    def end(self) -> None:
        for child in reversed(self._children):
            child.end()

    def _start(self, command: list, name: str) -> Child:
        child = Child([str(word) for word in command], self._directory / f"{name}.log")
        self._children.append(child)
        return child
