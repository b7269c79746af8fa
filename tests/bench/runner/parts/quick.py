"""A smoke test: every way of measuring, with a few events and pbxbridge alone. It checks content, and never a time."""

from ..bridges.pbxbridge import Pbxbridge
from ..generator import make_events
from ..run import describe_worst
from ..scene import at_rate, full_speed
from ..session import Session, Table
from ..targets import KafkaTarget, MqttTarget

events_in_a_run = 20_000
rate = 5_000
v5 = 'format: raw, version: "5"'
v5_cloudevents = 'format: cloudevents, version: "5"'
v3 = 'format: raw, version: "3.1.1", receive_maximum: 1000'


def run(session: Session) -> list[Table]:
    events = make_events(events_in_a_run)
    rows = []

    def check(name: str, bridge: Pbxbridge, result) -> None:
        session.note("quick", bridge.name, result)
        session.tell(f"{name}: {result}")
        rows.append([name, f"{result.findings['delivered']:,}", describe_worst([result])])

    with KafkaTarget(heap="384m") as kafka:  # small, for other tests run alongside it
        raw, cloudevents = Pbxbridge("pbxbridge", "format: raw"), Pbxbridge("pbxbridge", "format: cloudevents")
        in_memory = Pbxbridge("pbxbridge", "format: raw", spool="type: memory")
        check("Kafka, ws", raw, full_speed(raw, kafka, events, tls=False))
        check("Kafka, wss, CloudEvents", cloudevents, full_speed(cloudevents, kafka, events))
        check("Kafka, wss, no disk", in_memory, full_speed(in_memory, kafka, events))
        check(f"Kafka, wss, {rate:,}/s", raw, at_rate(raw, kafka, events, rate))
    with MqttTarget() as mqtt:
        mqtt.subscription_qos = 1
        for name, settings in (("MQTT 5, wss", v5), ("MQTT 5, wss, CloudEvents", v5_cloudevents),
                               ("MQTT 3.1.1, wss", v3)):
            bridge = Pbxbridge("pbxbridge", settings)
            check(name, bridge, full_speed(bridge, mqtt, events))
        bridge = Pbxbridge("pbxbridge", v5)
        check(f"MQTT 5, wss, {rate:,}/s", bridge, at_rate(bridge, mqtt, events, rate))
    return [Table("Smoke test", ["", "delivered", "content and order"], rows)]
