"""Effect of settings of the Kafka sink where the broker is near."""

from ..bridges.pbxbridge import Pbxbridge
from ..figures import with_spread
from ..generator import make_events
from ..run import describe_worst, usual_limit
from ..scene import full_speed, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget
from .throughput import kafka_events

settings = ["format: raw", "format: cloudevents",
            'format: raw, options: { max.in.flight.requests.per.connection: "5" }',
            'format: raw, options: { linger.ms: "5" }', "format: raw, compression: lz4",
            "format: raw, compression: zstd"]


def run(session: Session) -> list[Table]:
    contenders = [Pbxbridge(f"pbxbridge, {setting}", setting) for setting in settings]
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(kafka_events))
        results = session.measure("tuning", contenders, lambda bridge: full_speed(bridge, target, events, tls=False),
                                  lambda bridge: bridge.name)
    return [Table("Tuning: to Kafka, over ws",
                  ["", "events/s", "CPU µs an event", "Kafka's", "limited by", "content and order"],
                  [_row(bridge.name, runs) for bridge, runs in results.items() if runs],
                  [f"{events.count:,} events in each run, {session.runs} runs of each. A difference of less than a tenth "
                   "says nothing."])]


def _row(name: str, runs: list) -> list[str]:
    return [f"`{name.removeprefix('pbxbridge, ')}`", with_spread([run.rate for run in runs]),
            with_spread([run.cpu_us_an_event for run in runs]),
            with_spread([run.cpu["broker"] * 1e6 / run.events for run in runs]), usual_limit(runs), describe_worst(runs)]
