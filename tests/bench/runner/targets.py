"""Targets of the events of a run: a broker with the reader that belongs to it."""

import itertools
from abc import ABC, abstractmethod
from pathlib import Path

from . import places
from .brokers import Kafka, Mosquitto
from .generator import Events
from .readers import Reader, Readers, kafka_reader, mqtt_reader

_numbers = itertools.count(1)


class Target(ABC):
    """Used in a `with`: its broker ends with it."""

    topic = ""  # in which the bridge's events are looked for; MQTT bridges make topics of their own, below pbx/

    def __enter__(self) -> "Target":
        return self

    def __exit__(self, *_) -> None:
        self.broker.end()

    @abstractmethod
    def open_reader(self, events: Events, directory: Path, live: bool = False, cloudevents: bool = False) -> Reader:
        """Called before the bridge starts, for one run. `cloudevents`: the messages have to be such."""


class KafkaTarget(Target):
    """A topic of its own for each run, with four partitions."""

    def __init__(self, heap: str = "1g"):
        self.broker = Kafka(places.work / "kafka", heap)

    def open_reader(self, events: Events, directory: Path, live: bool = False, cloudevents: bool = False) -> Reader:
        self.topic = f"bench-{next(_numbers)}"
        return kafka_reader(self.broker.port, self.topic, events, directory, live=live, cloudevents=cloudevents)

    def open_readers(self, count: int, events: Events, directory: Path) -> Readers:
        """One for each of so many topics. `topic` is what their names begin with, `sink_topic` the whole of each."""
        self.topic = f"bench-{next(_numbers)}"
        return Readers([kafka_reader(self.broker.port, sink_topic(self.topic, index), events, directory)
                        for index in range(count)])


def sink_topic(topic: str, index: int) -> str:
    return f"{topic}-{index}"


class MqttTarget(Target):
    subscription_qos = 0  # of the reader; 1: it costs the broker more, and tells that events were published with it

    def __init__(self, no_delay: bool = False):
        self.broker = Mosquitto(places.work / "mosquitto", no_delay)

    def open_reader(self, events: Events, directory: Path, live: bool = False, cloudevents: bool = False) -> Reader:
        return mqtt_reader(self.broker.port, "pbx/#", events, directory, qos=self.subscription_qos, live=live,
                           cloudevents=cloudevents)
