"""B2: from the PBX's push to a consumer that has the event, by percentiles, at several rates."""

import itertools
import subprocess

from ..bridges import benthos
from ..bridges.benthos import Benthos
from ..bridges.node_script import NodeScript
from ..bridges.pbxbridge import Pbxbridge
from ..bridges.python_script import PythonScript
from ..figures import middle, milliseconds, number, with_spread
from ..generator import make_events
from ..run import describe_worst
from ..scene import at_rate, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget, MqttTarget

# Seconds at each rate, of events a second.
kafka_rates = {100: 20, 1000: 10, 5000: 10, 20000: 10}
mqtt_rates = {100: 20, 1000: 10, 5000: 10, 20000: 10}
priority_rates = {1000: 10, 5000: 10}
real_time = ("chrt", "--fifo", "1")  # takes root
warming_rate = 1000  # of each bridge, for ten seconds


def kafka_bridges() -> list:
    return [Pbxbridge("pbxbridge", "format: raw"), PythonScript("Python", "to_kafka.py"),
            PythonScript("Python, linger.ms 0", "to_kafka.py", linger_ms=0), NodeScript("Node", "to_kafka.js"),
            Benthos("Benthos, its defaults", "kafka.yaml", benthos.as_it_comes)]


def mqtt_bridges() -> list:
    return [Pbxbridge("pbxbridge, v5", 'format: raw, version: "5"'), PythonScript("Python, v5", "to_mqtt.py", "5"),
            NodeScript("Node, v5", "to_mqtt.js", "5"),
            Benthos("Benthos, v3.1.1, its defaults", "mqtt.yaml", benthos.mqtt_as_it_comes)]


def priority_bridges() -> list:
    return [PythonScript("Python, linger.ms 0", "to_kafka.py", linger_ms=0), Pbxbridge("pbxbridge", "format: raw"),
            Pbxbridge("pbxbridge, sync: none", "format: raw", spool="sync: none"),
            Pbxbridge("pbxbridge, real-time priority", "format: raw", prefix=real_time),
            Pbxbridge("pbxbridge, sync: none, real-time priority", "format: raw", spool="sync: none", prefix=real_time)]


def run_kafka(session: Session) -> list[Table]:
    return [_measure_kafka(session, "latency", "Kafka: from push to consumer, over wss", kafka_bridges(), kafka_rates)]


def run_priority(session: Session) -> list[Table]:
    """Says how much of the latency is waiting for a core, and how much for the disk."""
    if subprocess.run([*real_time, "true"], capture_output=True).returncode != 0:
        session.tell("not measured: real-time priority takes root")
        return []
    return [_measure_kafka(session, "latency-priority", "Kafka: from push to consumer, over wss, at real-time priority",
                           priority_bridges(), priority_rates)]


def _measure_kafka(session: Session, part: str, title: str, bridges: list, rates: dict[int, int]) -> Table:
    with KafkaTarget() as target:
        warm_up(target)
        for bridge in session.contenders(bridges):
            # Few records at a time take other ways through Kafka than many: its virtual machine compiles them only now.
            at_rate(bridge, target, make_events(session.events(warming_rate * 10)), warming_rate)
        return _measure(session, part, title, target, bridges, rates)


def run_mqtt(session: Session) -> list[Table]:
    with MqttTarget(no_delay=True) as target:
        return [_measure(session, "latency-mqtt", "MQTT, QoS 1: from push to consumer, over wss", target,
                         mqtt_bridges(), mqtt_rates)]


def _measure(session: Session, part: str, title: str, target, bridges: list,
             rates: dict[int, int]) -> Table:
    contenders = list(itertools.product(rates, session.contenders(bridges)))

    def run(contender):
        rate, bridge = contender
        return at_rate(bridge, target, make_events(session.events(rate * rates[rate])), rate)

    results = session.measure(part, contenders, run, lambda contender: f"{contender[1].name}, {contender[0]:,}/s")
    rows = [_row(rate, bridge, runs) for (rate, bridge), runs in results.items() if runs]
    return Table(title, ["", "events/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs an event", "content and order"], rows,
                 [f"The median of {session.runs} runs of {' to '.join(map(str, sorted(set(rates.values()))))} "
                  "seconds, and the lowest and highest. A consumer that is connected all "
                  "the time takes the times, on the same machine as the simulated PBX and by the same clock. Of one that "
                  "did not reach the rate they begin when the event could be pushed, later than it should have been."])


def _row(rate: int, bridge, runs: list) -> list[str]:
    percentiles = [milliseconds([run.latency_us(name) for run in runs]) for name in ("p50", "p99", "p99.9")]
    reached = f"{rate:,}"
    if not all(run.keeps_pace for run in runs):
        reached += f", reached {number(middle([run.rate for run in runs]))}"
    return [bridge.name, reached, *percentiles, with_spread([run.cpu_us_an_event for run in runs]),
            describe_worst(runs)]
