"""Real brokers of their own on 127.0.0.1: Apache Kafka from its jars, mosquitto from Debian."""

import os
import shutil
import subprocess
from pathlib import Path

from . import places, ports
from .child import Child, wait_until

# Options of Kafka's own start script for the virtual machine, alongside a heap of 1 GiB.
_java_options = ["-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
                 "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"]

_kafka_properties = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={directory}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""


class Kafka:
    """One node; it can be stopped, and started again on the same data."""

    threads = os.cpu_count()  # that can be busy at once

    def __init__(self, directory: Path, heap: str = "1g"):
        self.directory = directory
        self.port = ports.free_port()
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self._properties = directory / "server.properties"
        self._properties.write_text(_kafka_properties.format(port=self.port, controller_port=ports.free_port(),
                                                             directory=directory))
        self._java = ["java", f"-Xms{heap}", f"-Xmx{heap}", *_java_options, "-cp", f"{places.kafka_jars}/*"]
        subprocess.run([*self._java, "kafka.tools.StorageTool", "format", "--cluster-id", "pbxbridge-bench-0000-Q",
                        "--config", str(self._properties)], check=True, capture_output=True)
        self.start()

    def start(self) -> None:
        self.child = Child("kafka", [*self._java, "kafka.Kafka", str(self._properties)],
                           self.directory / "kafka.log")
        wait_until("Kafka answers", lambda: ports.answers(self.port), 60, self.child)

    def end(self) -> None:
        self.child.end()


class Mosquitto:
    """Takes as much in flight as clients may ask for, and drops nothing."""

    max_inflight = 1000
    threads = 1

    def __init__(self, directory: Path, no_delay: bool = False):
        """`no_delay`: that it sends each packet at once, which its own default leaves to Nagle's algorithm."""
        self.port = ports.free_port()
        directory.mkdir(parents=True, exist_ok=True)
        configuration = directory / "mosquitto.conf"
        configuration.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                                 f"max_inflight_messages {self.max_inflight}\nmax_queued_messages 0\n"
                                 f"set_tcp_nodelay {str(no_delay).lower()}\nsys_interval 0\n")
        # Debian keeps it in /usr/sbin, which is not everyone's PATH.
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.child = Child("mosquitto", [program, "-c", str(configuration)], directory / "mosquitto.log")
        wait_until("mosquitto answers", lambda: ports.answers(self.port), 20, self.child)

    def end(self) -> None:
        self.child.end()
