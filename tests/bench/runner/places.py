"""Places of things. Everything that is written goes below build/ and .cache/, which git does not see."""

import os
from pathlib import Path

repository = Path(__file__).resolve().parents[3]
build = Path(os.environ.get("PBXBRIDGE_BUILD", repository / "build" / "release"))
results = build / "bench"
work = results / f"work-{os.getpid()}"  # spools, brokers' data, logs; it stays where a run fails
event_files = results / "events"
cache = repository / ".cache" / "bench"
kafka_jars = repository / ".cache" / "kafka"
peers = repository / "tests" / "bench" / "peers"


def program(name: str) -> str:
    return str(build / name)
