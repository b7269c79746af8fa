"""B8: twice what can be sustained, for a while: to Kafka, where the disk and the broker are the limit, and to MQTT,
where the sink is and the spool takes what it cannot, or, where it is small, drops the oldest."""

import time

from ..bridges.pbxbridge import Pbxbridge
from ..child import Failure
from ..figures import middle, most_mebibytes, number, with_spread
from ..generator import make_events
from ..run import describe_worst, usual_limit
from ..scene import scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget, MqttTarget
from .throughput import full_speeds, kafka_events, mqtt_events

seconds = 15
calibration = {KafkaTarget: kafka_events, MqttTarget: mqtt_events}
mqtt_sink = 'format: raw, version: "5"'
bridges = {KafkaTarget: [Pbxbridge("pbxbridge, to Kafka", "format: raw")],
           MqttTarget: [Pbxbridge("pbxbridge, to MQTT", mqtt_sink),
                        Pbxbridge("pbxbridge, to MQTT, spool of 64 MiB", mqtt_sink,
                                  spool="sync: always, max_size: 64MiB")]}


class SpoolWatch:
    """Returns how much waited at most, looked at twice a second."""

    def __init__(self, bridge: Pbxbridge):
        self.most_bytes = 0.0
        self._bridge = bridge
        self._looked_at = 0.0

    def look(self) -> None:
        if time.monotonic() - self._looked_at < 0.5:
            return
        self._looked_at = time.monotonic()
        self.most_bytes = max(self.most_bytes, self._bridge.metric("pbxbridge_spool_bytes"))


def run(session: Session) -> list[Table]:
    rows = []
    for kind, contenders in bridges.items():
        with kind() as target:
            if kind is KafkaTarget:
                warm_up(target)
            sustained = full_speeds(session, "overload", contenders[:1], target,
                                    session.events(calibration[kind])).get(contenders[0])
            if sustained is None:
                raise Failure("what can be sustained is not known")
            events = make_events(session.events(int(2 * sustained * seconds / 10_000) * 10_000))
            results = session.measure("overload", contenders,
                                      lambda bridge: _run(bridge, target, events, 2 * sustained),
                                      lambda bridge: bridge.name)
        events.remove()
        rows += [_row(bridge.name, sustained, runs) for bridge, runs in results.items() if runs]
    return [Table(f"Twice what can be sustained, for {seconds * session.scale:g} seconds, over wss",
                  ["", "sustained events/s", "offered", "taken in", "delivered", "MiB at most",
                   "waited in the spool MiB", "dropped", "connections", "limited by", "content and order"], rows,
                  ["Beyond what it can take in, pbxbridge lets TCP hold the PBX back, which then sends later what it "
                   "could not send in time; `taken in` is the rate at which the PBX could send."])]


def _run(bridge: Pbxbridge, target, events, rate: float):
    with scene(bridge, target, events, rate=rate, timed=False) as ready:
        watch = ready.begin()
        spool = SpoolWatch(bridge)
        result = watch.end(ready.wait_for_arrivals(30, spool.look))
        told = {"spool_bytes": spool.most_bytes, "dropped": bridge.metric("pbxbridge_events_dropped_total"),
                "connections": bridge.metric("pbxbridge_pbx_connections_total"), "offered": rate}
        result.verdict = ready.judge() | told
        return result


def _row(name: str, sustained: float, runs: list) -> list[str]:
    def most(figure: str) -> float:
        return max(run.verdict[figure] for run in runs)

    return [name, number(sustained), number(middle([run.verdict["offered"] for run in runs])),
            with_spread([run.events / run.pushed_seconds for run in runs]), with_spread([run.rate for run in runs]),
            most_mebibytes([run.peak_bytes for run in runs]), f"{most('spool_bytes') / 2**20:.0f}",
            f"{most('dropped'):,.0f}", f"{most('connections'):.0f}", usual_limit(runs), describe_worst(runs)]
