"""Cost to the flow of 200 browsers that look at the status page, at full speed to Kafka."""

import sys
from pathlib import Path

from .. import page_clients
from ..bridges.pbxbridge import Pbxbridge
from ..child import Child
from ..figures import middle, with_spread
from ..generator import Events, make_events
from ..run import Run, describe_worst, usual_limit
from ..scene import scene, warm_up
from ..session import Session, Table
from ..targets import KafkaTarget

events_in_a_run = 12_000_000  # a minute at 200,000 a second
browsers = 200
most_cost = 0.05  # share of the rate


class Observed(Pbxbridge):
    def __init__(self, count: int):
        super().__init__(f"pbxbridge, {count} browsers" if count else "pbxbridge, nobody looks", "format: raw")
        self.browsers = count


def run(session: Session) -> list[Table]:
    with KafkaTarget() as target:
        warm_up(target)
        events = make_events(session.events(events_in_a_run))
        results = session.measure("observers", [Observed(0), Observed(browsers)],
                                  lambda bridge: _run(bridge, target, events), lambda bridge: bridge.name)
    measured = {bridge: runs for bridge, runs in results.items() if runs}
    rates = [middle([run.rate for run in runs]) for runs in measured.values()]
    notes = [f"{browsers} browsers cost {100 * (1 - rates[1] / rates[0]):.1f} % of the rate; {100 * most_cost:.0f} % are "
             "allowed."] if len(rates) == 2 else []
    return [Table("Who looks at the status page: full speed to Kafka, over wss",
                  ["", "events/s", "CPU µs an event", "seconds shown", "limited by", "content and order"],
                  [_row(bridge.name, runs) for bridge, runs in measured.items()],
                  [*notes, f"{events.count:,} events in each run. Seconds shown: how many seconds of the page the slowest "
                           "browser has had, and how many the run took."])]


def _run(bridge: Observed, target: KafkaTarget, events: Events) -> Run:
    with scene(bridge, target, events) as ready:
        clients = None
        if bridge.browsers:
            clients = Child("browsers", [sys.executable, "-B", str(Path(page_clients.__file__)), str(bridge.admin_port),
                                         str(bridge.browsers)], ready.wiring.directory / "browsers.log")
            ready.stack.callback(clients.end)
            clients.wait_for_line("looking")
            clients.say("from now on")
            clients.next_line(10)
        result = ready.push_all()
        shown = 0
        if clients is not None:
            clients.say("until now")
            shown = int(clients.next_line(10))
            clients.end()
        result.verdict = ready.judge() | {"seconds_shown": shown}
        return result


def _row(name: str, runs: list[Run]) -> list[str]:
    shown = [f"{run.verdict['seconds_shown']} of {run.cpu_in_flow['clock']:.0f}" for run in runs]
    return [name.removeprefix("pbxbridge, "), with_spread([run.rate for run in runs]),
            with_spread([run.cpu_us_an_event for run in runs]), ", ".join(shown), usual_limit(runs), describe_worst(runs)]
