"""./dev bench [--quick] [--runs N] [--no-peers] [PART...]"""

import argparse
import signal
import sys

from . import disk, machine, places, report
from .child import Failure
from .parts import backlog, durability, growth, latency, outage, overload, steady, throughput
from .session import Session

parts = {
    "kafka": throughput.run_kafka,
    "mqtt": throughput.run_mqtt,
    "latency": latency.run_kafka,
    "latency-mqtt": latency.run_mqtt,
    "steady": steady.run,
    "durability": durability.run,
    "outage": outage.run,
    "backlog": backlog.run,
    "overload": overload.run,
    "growth": growth.run,
}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures pbxbridge beside what people would use "
                                     "instead, and judges the content of what arrives.")
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*parts, []],
                        help=f"what to measure, all unless told otherwise: {', '.join(parts)}")
    parser.add_argument("--runs", type=int, default=5, help="of each contender, interleaved (default 5)")
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer events in each run (default 1)")
    parser.add_argument("--no-peers", action="store_true", help="pbxbridge alone: nothing is fetched")
    parser.add_argument("--quick", action="store_true", help="a minute's smoke test: pbxbridge alone, a few events; "
                        "content is checked, and no time")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    if disk.is_memory(places.results.parent):
        print(f"{places.results} is in memory: what an fsync costs would not show. Put the repository on a disk.")
        return 1
    session = Session(runs=options.runs, scale=options.scale, with_peers=not options.no_peers)
    described = machine.describe()
    tables = []
    for name in options.parts or parts:
        print(f"{name}:", flush=True)
        try:
            tables += parts[name](session)
        except Failure as failure:
            print(f"./dev bench: {name}: {failure}", file=sys.stderr)
            return 1
        report.write(session, described, tables)
    for line in session.unsound:
        print(f"pbxbridge did not deliver what it should: {line}", file=sys.stderr)
    return 1 if session.unsound else 0
