"""Cost of following the state of extensions, queues, agents and calls, and of sending it."""

from ..bridges.bridge import Wiring
from ..bridges.pbxbridge import Pbxbridge
from ..figures import middle, most_mebibytes, number, with_spread
from ..generator import Events, make_events
from ..run import Run, describe_worst, usual_limit
from ..scene import scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget
from .throughput import kafka_events


class WithState(Pbxbridge):
    """Sends the documents to a file, so that the broker has no more to do."""

    def documents(self, wiring: Wiring) -> int:
        with open(wiring.directory / "state.ndjson", "rb") as lines:
            return sum(1 for _ in lines)

    def routes(self, wiring: Wiring) -> str:
        return super().routes(wiring) + "  - match: { family: state }\n    to: { sink: state }\n"

    def sinks(self, wiring: Wiring) -> str:
        return super().sinks(wiring) + f"  state: {{ type: file, path: {wiring.directory}/state.ndjson }}\n"


def run(session: Session) -> list[Table]:
    contenders = [Pbxbridge("pbxbridge without state", "format: raw"), WithState("pbxbridge with all of it", "format: raw")]
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(kafka_events))
        results = session.measure("state", contenders, lambda bridge: _run(bridge, target, events),
                                  lambda bridge: bridge.name)
    without = middle([run.rate for run in results[contenders[0]]])
    rows = [_row(bridge.name, runs, without) for bridge, runs in results.items() if runs]
    return [Table("The cost of state: to Kafka, over wss, with the documents in a file",
                  ["", "events/s", "of that without", "CPU µs an event", "documents an event", "MiB at most", "limited by",
                   "content and order"], rows, [f"{events.count:,} events in each run, {session.runs} runs of each."])]


def _run(bridge: Pbxbridge, target: KafkaTarget, events: Events) -> Run:
    with scene(bridge, target, events) as ready:
        result = ready.push_all()
        result.verdict = ready.judge()
        if isinstance(bridge, WithState):
            result.verdict["documents"] = bridge.documents(ready.wiring)
        return result


def _row(name: str, runs: list[Run], without: float) -> list[str]:
    rates = [run.rate for run in runs]
    return [name.removeprefix("pbxbridge "), with_spread(rates), number(middle(rates) / without) if without else "",
            with_spread([run.cpu_us_an_event for run in runs]),
            with_spread([run.verdict.get("documents", 0) / run.events for run in runs]),
            most_mebibytes([run.peak_bytes for run in runs]), usual_limit(runs), describe_worst(runs)]
