"""B1, B3 and B4: as many events a second as it takes, without losing one, and what each costs."""

import itertools

from ..bridges import benthos
from ..bridges.benthos import Benthos
from ..bridges.node_script import NodeScript
from ..bridges.pbxbridge import Pbxbridge
from ..bridges.python_script import PythonScript
from ..child import Failure
from ..figures import mebibytes, middle, most_mebibytes, number, with_spread
from ..generator import make_events
from ..run import describe_worst, usual_limit
from ..scene import full_speed, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget, MqttTarget

kafka_events = 1_500_000
mqtt_events = 200_000
checked_events = 5_000  # of each bridge to MQTT, before anything is measured

_columns = ["", "events/s", "of the best peer", "CPU µs an event", "of the best peer", "MiB idle", "MiB at most",
            "longest pause ms", "limited by", "content and order"]


def kafka_bridges() -> list:
    return [Pbxbridge("pbxbridge", "format: raw"), Pbxbridge("pbxbridge, CloudEvents", "format: cloudevents"),
            PythonScript("Python", "to_kafka.py"), NodeScript("Node", "to_kafka.js"),
            Benthos("Benthos, in batches", "kafka.yaml", benthos.in_batches),
            Benthos("Benthos, in order", "kafka.yaml", benthos.in_order)]


def mqtt_bridges() -> list:
    return [Pbxbridge("pbxbridge, v5", 'format: raw, version: "5"', protocol="5"),
            Pbxbridge("pbxbridge with Paho, v5", 'client: paho, format: raw, version: "5"', protocol="5"),
            PythonScript("Python, v5", "to_mqtt.py", "5"),
            NodeScript("Node, v5", "to_mqtt.js", "5"),
            Pbxbridge("pbxbridge, v3.1.1", 'format: raw, version: "3.1.1", receive_maximum: 1000', protocol="3.1.1"),
            Pbxbridge("pbxbridge with Paho, v3.1.1",
                      'client: paho, format: raw, version: "3.1.1", receive_maximum: 1000', protocol="3.1.1"),
            PythonScript("Python, v3.1.1", "to_mqtt.py", "3.1.1"), NodeScript("Node, v3.1.1", "to_mqtt.js", "3.1.1"),
            Benthos("Benthos, v3.1.1", "mqtt.yaml", benthos.mqtt_as_it_comes, "3.1.1"),
            Benthos("Benthos, v3.1.1, in order", "mqtt.yaml", benthos.mqtt_in_order, "3.1.1")]


def run_kafka(session: Session) -> list[Table]:
    with KafkaTarget() as target:
        warm_up(target)
        return [_measure(session, "kafka", "Kafka: lossless events a second", target, kafka_bridges(),
                         session.events(kafka_events))]


def run_mqtt(session: Session) -> list[Table]:
    with MqttTarget() as target:
        _check_qos(session, target)
        return [_measure(session, "mqtt", "MQTT, QoS 1: lossless events a second", target, mqtt_bridges(),
                         session.events(mqtt_events))]


def full_speeds(session: Session, part: str, bridges: list, target, count: int) -> dict:
    """The median rate of each that came to a result, for a part that needs it next to its own figures."""
    events = make_events(count)
    results = session.measure(f"{part}, full speed", bridges, lambda bridge: full_speed(bridge, target, events),
                              lambda bridge: bridge.name)
    return {bridge: middle([run.rate for run in runs]) for bridge, runs in results.items() if runs}


def _check_qos(session: Session, target: MqttTarget) -> None:
    """Checks that each bridge publishes with QoS 1, which the subscriber of the measured runs cannot tell."""
    events = make_events(checked_events)
    target.subscription_qos = 1
    for bridge in session.contenders(mqtt_bridges()):
        try:
            full_speed(bridge, target, events)
        except Failure as failure:
            raise Failure(f"{bridge.name}, with a subscriber of QoS 1: {failure}") from None
    target.subscription_qos = 0


def _measure(session: Session, part: str, title: str, target, bridges: list, count: int) -> Table:
    events = make_events(count)
    contenders = list(itertools.product(session.contenders(bridges), (False, True)))
    results = session.measure(part, contenders, lambda c: full_speed(c[0], target, events, tls=c[1]), _name)
    versions = sorted({bridge.version() for bridge, _ in contenders})
    notes = [f"{count:,} events of 400 bytes on average in each run; the median of {session.runs} runs, and the lowest "
             "and highest. Only pbxbridge writes each event to the disk, with fdatasync, before it sends it.",
             "; ".join(versions) + "."]
    return Table(title, _columns, _rows(results), notes)


def _name(contender) -> str:
    bridge, tls = contender
    return f"{bridge.name}, {'wss' if tls else 'ws'}"


def _rows(results: dict) -> list[list[str]]:
    return [_row(contender, runs, _best_peers(results, contender)) for contender, runs in results.items() if runs]


def _best_peers(results: dict, contender) -> tuple[float, float]:
    """The highest rate and the lowest cost among peers that lose nothing and keep the order, by the same protocols."""
    sound = [runs for (bridge, tls), runs in results.items()
             if bridge.peer and (bridge.protocol, tls) == (contender[0].protocol, contender[1])
             and runs and all(run.findings["sound"] for run in runs)]
    rates = [middle([run.rate for run in runs]) for runs in sound]
    costs = [middle([run.cpu_us_an_event for run in runs]) for runs in sound]
    return max(rates, default=0), min(costs, default=0)


def _row(contender, runs: list, best: tuple[float, float]) -> list[str]:
    rates, costs = [run.rate for run in runs], [run.cpu_us_an_event for run in runs]
    return [_name(contender), with_spread(rates), _ratio(middle(rates), best[0]), with_spread(costs),
            _ratio(middle(costs), best[1]), mebibytes([run.idle_bytes for run in runs]),
            most_mebibytes([run.peak_bytes for run in runs]),
            number(max(run.verdict["longest_gap_us"] for run in runs) / 1000),
            usual_limit(runs), describe_worst(runs)]


def _ratio(value: float, best: float) -> str:
    return f"{value / best:.2f}" if best else ""
