"""B5: what it costs to have each event on the disk before it is sent."""

from ..bridges.pbxbridge import Pbxbridge
from ..figures import middle, most_mebibytes, number, with_spread
from ..generator import make_events
from ..run import describe_worst, usual_limit
from ..scene import full_speed, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget

events_in_a_run = 1_500_000

# Memory as large as the disk: with its own 64 MiB it drops the oldest as soon as Kafka takes a second off.
spools = {"in memory": "type: memory, max_size: 2GiB", "on disk, sync: none": "sync: none",
          "on disk, sync: interval": "sync: interval", "on disk, sync: always": "sync: always"}
spools_with_cloudevents = ("in memory", "on disk, sync: always")


def run(session: Session) -> list[Table]:
    raw = [Pbxbridge(f"pbxbridge, {name}", "format: raw", spool=spool) for name, spool in spools.items()]
    cloudevents = [Pbxbridge(f"pbxbridge, {name}, CloudEvents", "format: cloudevents", spool=spools[name])
                   for name in spools_with_cloudevents]
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(events_in_a_run))
        results = session.measure("durability", raw + cloudevents,
                                  lambda bridge: full_speed(bridge, target, events), lambda bridge: bridge.name)
    rows = [row for contenders in (raw, cloudevents) for row in _rows(contenders, results)]
    return [Table("The cost of durability: to Kafka, over wss",
                  ["spool", "events/s", "of that in memory", "CPU µs an event", "MiB at most", "limited by",
                   "content and order"], rows, [f"{events.count:,} events in each run, {session.runs} runs of each."])]


def _rows(contenders: list[Pbxbridge], results: dict) -> list[list[str]]:
    """One format's; the first of `contenders` has its spool in memory."""
    fastest = middle([run.rate for run in results[contenders[0]]])
    return [_row(bridge.name, results[bridge], fastest) for bridge in contenders if results[bridge]]


def _row(name: str, runs: list, fastest: float) -> list[str]:
    rates = [run.rate for run in runs]
    return [name.removeprefix("pbxbridge, "), with_spread(rates), number(middle(rates) / fastest) if fastest else "",
            with_spread([run.cpu_us_an_event for run in runs]), most_mebibytes([run.peak_bytes for run in runs]),
            usual_limit(runs), describe_worst(runs)]
