"""./dev bench [--quick] [--runs N] [--no-peers] [PART...]"""

import argparse
import shutil
import signal
import sys

from . import disk, machine, places, report
from .child import Failure, end_all
from .parts import (backlog, durability, growth, latency, observers, outage, overload, quick, stages, state, steady,
                    threads, throughput, tuning)
from .session import Session

parts = {
    "kafka": throughput.run_kafka,
    "mqtt": throughput.run_mqtt,
    "latency": latency.run_kafka,
    "latency-mqtt": latency.run_mqtt,
    "latency-priority": latency.run_priority,
    "steady": steady.run,
    "durability": durability.run,
    "state": state.run,
    "outage": outage.run,
    "backlog": backlog.run,
    "overload": overload.run,
    "growth": growth.run,
    "threads": threads.run,
    "observers": observers.run,
    "tuning": tuning.run,
    "stages": stages.run,
}

# The bridges of the parts that measure others next to pbxbridge.
bridges = {
    "kafka": throughput.kafka_bridges,
    "mqtt": throughput.mqtt_bridges,
    "latency": latency.kafka_bridges,
    "latency-mqtt": latency.mqtt_bridges,
    "latency-priority": latency.priority_bridges,
    "steady": steady.bridges,
    "outage": outage.bridges,
}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", allow_abbrev=False, description="Measures pbxbridge next to "
                                     "what people would use instead, and judges the content of what arrives.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(parts)}; all of them "
                        "unless told otherwise")
    parser.add_argument("--runs", type=int, default=5, help="of each contender, interleaved (default 5)")
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer events in each run (default 1)")
    parser.add_argument("--no-peers", action="store_true", help="pbxbridge alone: nothing is fetched")
    parser.add_argument("--quick", action="store_true", help="a smoke test of half a minute: pbxbridge alone, a few "
                        "events; content is checked, and no time")
    parser.add_argument("--needs", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    for part in options.parts:
        if part not in parts:
            parser.error(f"there is no part '{part}'; there are {', '.join(parts)}")
    return options


def needs(options: argparse.Namespace) -> list[str]:
    """Returns what the chosen parts need alongside pbxbridge, the simulated PBX and the brokers, by the names in scripts/bench.sh."""
    if options.quick:
        return []
    chosen = options.parts or parts
    of_stages = {"stages"} & set(chosen)
    if options.no_peers:
        return sorted(of_stages)
    return sorted(of_stages | {bridge.needs for part in chosen if part in bridges for bridge in bridges[part]()
                               if bridge.needs})


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    if options.needs:
        print(*needs(options), sep="\n")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    places.work.mkdir(parents=True, exist_ok=True)
    if disk.is_memory(places.work):
        print(f"{places.work} is in memory, where an fsync costs nothing: put the repository on a disk",
              file=sys.stderr)
        return 1
    session = Session(runs=options.runs, scale=options.scale, with_peers=not options.no_peers)
    chosen = {"quick": quick.run} if options.quick else {name: parts[name] for name in options.parts or parts}
    try:
        measure(session, chosen, "quick" if options.quick else "report")
    finally:
        end_all()
    if not session.failures and not session.unsound:
        shutil.rmtree(places.work)
    for line in session.failures:
        print(f"./dev bench: failed: {line}\nWhat everyone said is in {places.work}.", file=sys.stderr)
    for line in session.unsound:
        print(f"./dev bench: pbxbridge did not deliver what it should: {line}\nWhat it said is in {places.work}.", file=sys.stderr)
    return 1 if session.failures or session.unsound else 0


def measure(session: Session, chosen: dict, report_name: str) -> None:
    described = machine.describe()
    tables = []
    for name, run in chosen.items():
        print(f"{name}:", flush=True)
        of_part = []
        try:
            of_part = run(session)
        except Failure as failure:  # the other parts may come to a result
            session.failures.append(f"{name}: {failure}")
            session.tell(f"FAILED: {failure}")
        disturbance = session.take_disturbance()
        if of_part and disturbance:
            of_part[-1].notes.append(disturbance)
        tables += of_part
        report.write(session, described, tables, report_name)  # after each part: the whole takes hours
    print(f"\n{report.markdown(session, described, tables)}\nIn {places.results}/{report_name}.md; every run in {report_name}.json next to it.")
