"""The machine and the programs that were measured: a figure without them says nothing."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from . import disk, places


def _first_line_of(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _system() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def _commit() -> str:
    if shutil.which("git") is None:
        return ""
    described = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=places.repository, capture_output=True,
                               text=True)
    return described.stdout.strip()


def _kafka() -> str:
    jars = sorted(places.kafka_jars.glob("kafka_2.13-*.jar"))
    return jars[-1].stem.rpartition("-")[2] if jars else ""


def _mosquitto() -> str:
    return _first_line_of([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-h"]).removeprefix("mosquitto version ")


def describe() -> dict[str, str]:
    sync = disk.fdatasync_us(places.work)
    return {
        "Processor": f"{os.cpu_count()} cores of {_processor()}",
        "Memory": f"{_memory_gib():.0f} GiB",
        "System": f"{_system()}, Linux {platform.release()}",
        "Disk of spool and brokers": f"{disk.file_system(places.work)}; 64 KiB and fdatasync: "
                                     f"p50 {sync['p50'] / 1000:.2f} ms, p99 {sync['p99'] / 1000:.2f} ms",
        "pbxbridge": _commit(),
        "Brokers": f"Apache Kafka {_kafka()} (acks=all, one node), mosquitto {_mosquitto()}, on the same machine",
    }
