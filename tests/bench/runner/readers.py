"""The consumers that see what arrives and judge it: bench-kafka-reader and bench-mqtt-reader."""

import json
from pathlib import Path

from . import places
from .child import Child, Failure
from .generator import Events
from .run import severity


class Reader:
    """`arrived` counts messages, whatever they hold; `judge` tells what they hold."""

    def __init__(self, child: Child):
        self.child = child
        self.arrived = 0
        child.wait_for_line("ready", 60)

    @property
    def children(self) -> list[Child]:
        return [self.child]

    def look(self) -> int:
        while (line := self.child.next_line(0.001)) is not None:
            self._hear(line)
        return self.arrived

    def _hear(self, line: str) -> None:
        word, _, number = line.partition(" ")
        if word == "arrived":
            self.arrived = int(number)

    def judge(self, ledger: Path | None = None) -> dict:
        self.child.say(f"judge {ledger}" if ledger else "judge")
        while (line := self.child.next_line(600)) is not None:
            if line.startswith("{"):
                self.child.wait(60)
                return json.loads(line)
            self._hear(line)
        raise Failure(f"{self.child.name} does not come to a judgement")


class Readers(Reader):
    """Several, one for each of a bridge's sinks: all of them must have everything."""

    def __init__(self, readers: list[Reader]):
        self._readers = readers
        self.child = readers[0].child

    @property
    def children(self) -> list[Child]:
        return [reader.child for reader in self._readers]

    def look(self) -> int:
        return min(reader.look() for reader in self._readers)

    def judge(self, ledger: Path | None = None) -> dict:
        """The verdict on the sink of which the most is wrong, or, where nothing is, on the one that was last."""
        verdicts = [reader.judge(ledger) for reader in self._readers]
        return max(verdicts, key=lambda verdict: (severity(verdict["findings"]), verdict["last_us"]))


def kafka_reader(port: int, topic: str, events: Events, directory: Path, *, live: bool = False,
                 cloudevents: bool = False, partitions: int = 4) -> Reader:
    command = [places.program("bench-kafka-reader"), "--brokers", f"127.0.0.1:{port}", "--topic", topic,
               "--partitions", str(partitions), "--events", str(events.directory)]
    log = directory / f"reader-{topic}.log"
    return Reader(Child("bench-kafka-reader", command + _flags(live, cloudevents), log))


def mqtt_reader(port: int, topic_filter: str, events: Events, directory: Path, *, qos: int = 0, live: bool = False,
                cloudevents: bool = False) -> Reader:
    """`qos` 1: and a message that was published with less is a failure."""
    command = [places.program("bench-mqtt-reader"), "--port", str(port), "--filter", topic_filter, "--qos", str(qos),
               "--events", str(events.directory)]
    return Reader(Child("bench-mqtt-reader", command + _flags(live, cloudevents), directory / "reader.log"))


def _flags(live: bool, cloudevents: bool) -> list[str]:
    return (["--live"] if live else []) + (["--cloudevents"] if cloudevents else [])
