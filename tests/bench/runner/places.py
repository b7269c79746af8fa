"""Where things are. Everything that is written goes below build/ and .cache/, which git does not see."""

from pathlib import Path

repository = Path(__file__).resolve().parents[3]
build = repository / "build" / "release"
results = repository / "build" / "bench"
work = results / "work"  # spools, brokers' data, logs: of the run that is on, or the last one that failed
event_files = results / "events"
cache = repository / ".cache" / "bench"
kafka_jars = repository / ".cache" / "kafka"
peers = repository / "tests" / "bench" / "peers"


def program(name: str) -> str:
    return str(build / name)
