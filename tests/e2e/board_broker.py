"""A mosquitto that serves the wallboard on the port of its WebSocket listener, and who publishes to it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from waiting import Child

root = Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests/bench"))
from runner.ports import free_port  # no outgoing connection takes it while the broker is stopped

# Without socket_domain mosquitto 2.0.11 listens for WebSockets on every address, whatever the listener's own is. Without user it
# could not read the page where root has started it.
CONFIGURATION = """\
user root
allow_anonymous true
persistence false
listener {port} 127.0.0.1
listener {websocket_port} 127.0.0.1
protocol websockets
socket_domain ipv4
http_dir {page}
{more}
"""


class BoardBroker:
    def __init__(self, directory: Path, more: str = "") -> None:
        self._directory = directory
        self._children = []
        self.port, self.websocket_port = free_port(), free_port()
        self._configuration = directory / "mosquitto.conf"
        self._configuration.write_text(CONFIGURATION.format(port=self.port, websocket_port=self.websocket_port,
                                                            page=root / "examples/wallboard", more=more))
        self.start()

    def page(self, parameters: str = "") -> str:
        return f"http://127.0.0.1:{self.websocket_port}/index.html{parameters}"

    def start(self) -> None:
        self._broker = Child([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", str(self._configuration)],
                             self._directory / "mosquitto.log")
        self._broker.wait_for("running")

    def stop(self) -> None:
        self._broker.end()

    def freeze(self) -> None:
        os.kill(self._broker.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._broker.process.pid, signal.SIGCONT)

    def end(self) -> None:
        for child in self._children:
            child.end()
        self.stop()

    def publish(self, topic: str, document: dict | str | None, *options: str) -> None:
        """Retained; None removes it."""
        content = document if isinstance(document, str) else json.dumps(document)
        payload = ["-n"] if document is None else ["-m", content]
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-q", "1", "-r", "-t", topic, *payload, *options], check=True)

    def stay_until_killed(self, status_topic: str) -> Child:
        """One whose will is that it is offline."""
        child = Child(["mosquitto_sub", "-p", str(self.port), "-i", "publisher", "-t", "nothing/at/all", "--will-topic",
                       status_topic, "--will-payload", "offline", "--will-retain", "--will-qos", "1"],
                      self._directory / "publisher.log")
        self._children.append(child)
        self._broker.wait_for("as publisher ")
        self.publish(status_topic, "online")
        return child
