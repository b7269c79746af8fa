"""B9: what each stage of an event's way costs by itself, in time and in instructions."""

import json
import re
import shutil
import subprocess

from .. import places
from ..child import Failure
from ..figures import with_spread
from ..session import Session, Table

events_in_an_iteration = 512  # as many as one commit takes at the most
order = ["frame", "parse", "fold", "route", "record", "commit", "commit with fdatasync", "produce",
         "produce-cloudevents"]


def run(session: Session) -> list[Table]:
    session.wait_for_calm()
    timed = _times(session.runs)
    rows = []
    for stage in order:
        instructions = _instructions(stage)
        session.records.append({"part": "stages", "contender": stage, "runs": timed[stage],
                                "instructions_an_event": instructions})
        # The time that a mock cluster takes to answer says nothing.
        real = "" if stage.startswith("produce") else with_spread([run["real_ns"] for run in timed[stage]])
        rows.append([stage, with_spread([run["cpu_ns"] for run in timed[stage]]), real,
                     f"{instructions:,.0f}" if instructions else "not counted: no valgrind"])
        session.tell(f"{stage}: {rows[-1][1]} ns CPU, {rows[-1][3]} instructions an event")
    return [Table("The stages of an event's way, each alone", ["", "ns of CPU an event", "ns an event", "instructions"],
                  rows,
                  ["frame: from bytes to messages; parse: to an event; fold: that, and on to the state that follows; "
                   "route: to topic and key; record: to the bytes of a batch on disk; commit: a batch of 512 into the store, records included, without and with "
                   "fdatasync; produce: through the Kafka sink and librdkafka to the acknowledgement of a mock cluster in "
                   "the same process, 512 at a time, raw and with CloudEvents headers. CPU is of all threads; instructions "
                   "are counted by valgrind, which knows no AVX-512."])]


def _stages_program(*arguments: str, prefix: tuple[str, ...] = (), iterations: int = 0) -> subprocess.CompletedProcess:
    directory = places.work / "stages"
    directory.mkdir(parents=True, exist_ok=True)
    environment = {"PATH": "/usr/bin:/bin"} | ({"BENCH_ITERATIONS": str(iterations)} if iterations else {})
    done = subprocess.run([*prefix, places.program("bench-stages"), *arguments], cwd=directory, env=environment,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"bench-stages ended with {done.returncode}: {done.stderr[-500:]}")
    return done


def _times(repetitions: int) -> dict[str, list[dict[str, float]]]:
    output = _stages_program("--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
                             "--benchmark_enable_random_interleaving=true").stdout
    runs: dict[str, list[dict[str, float]]] = {stage: [] for stage in order}
    for result in json.loads(output)["benchmarks"]:
        if result["run_type"] == "iteration":
            runs[result["name"].partition("/")[0]].append({"cpu_ns": result["cpu_time"] / events_in_an_iteration,
                                                           "real_ns": result["real_time"] / events_in_an_iteration})
    return runs


def _instructions(stage: str) -> float:
    """An event's, as the difference of two runs: so that start and end count for nothing."""
    if shutil.which("valgrind") is None:
        return 0
    few, many = 4, 20
    difference = _counted(stage, many) - _counted(stage, few)
    return difference / ((many - few) * events_in_an_iteration)


def _counted(stage: str, iterations: int) -> int:
    valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    said = _stages_program(f"--benchmark_filter=^{stage}/", prefix=valgrind, iterations=iterations).stderr
    collected = re.search(r"Collected : (\d+)", said)
    if collected is None:
        raise Failure(f"valgrind counted nothing: {said[-500:]}")
    return int(collected[1])
