"""Needs of a run from a bridge, whichever it is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from ..child import Child


@dataclass(frozen=True)
class Wiring:
    """Between what the bridge stands. `topic` of Kafka; MQTT topics begin with `pbx/`, and then comes the key."""

    directory: Path  # of this run, for what the bridge writes
    pbx_url: str
    ca_file: Path | None  # to trust the simulated PBX by, with wss
    broker_port: int
    topic: str = ""


class Bridge(ABC):
    name: str
    peer = True  # not pbxbridge itself
    needs = ""  # what ./dev must have installed before `fetch`, as it is named in scripts/bench.sh
    cloudevents = False  # whether its messages are CloudEvents, with the attributes alongside the payload
    subscriptions = 5  # granted when it is ready for events
    protocol = ""  # of the broker, where there are several versions of it: bridges of one are compared
    simulator_flags: tuple[str, ...] = ()  # what it needs of the simulated PBX

    def fetch(self) -> None:
        """Installs what it is made of, by its package manager; once."""

    @abstractmethod
    def version(self) -> str:
        """Versions of it and its libraries, for the report."""

    @abstractmethod
    def start(self, wiring: Wiring) -> Child:
        """Begins to connect."""

    def wait_until_ready(self, child: Child) -> None:
        """Beyond its subscriptions: connected to the broker, where that can be known."""


def peer_environment(wiring: Wiring, mqtt_version: str = "") -> dict[str, str]:
    """Settings from which the scripts in tests/bench/peers/ know where to connect."""
    environment = {"PBX_URL": wiring.pbx_url}
    if wiring.ca_file:
        environment["PBX_CA_FILE"] = str(wiring.ca_file)
    if wiring.topic:
        return environment | {"KAFKA_BROKER": f"127.0.0.1:{wiring.broker_port}", "KAFKA_TOPIC": wiring.topic}
    return environment | {"MQTT_PORT": str(wiring.broker_port), "MQTT_VERSION": mqtt_version}
