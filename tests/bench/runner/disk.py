"""Measures how long the disk under the spool takes to make a batch of events durable: what nothing that persists can beat. In a file
that has its size already, as the spool's log has: to make one grow costs the file system a commit of its own."""

import os
import time
from pathlib import Path

batch = b"x" * (64 * 1024)
attempts = 400


def fdatasync_us(directory: Path) -> dict[str, float]:
    """Percentiles of writing 64 KiB and fdatasync."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "fdatasync"
    times = []
    descriptor = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, batch * attempts)
        os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        for _ in range(attempts):
            started = time.perf_counter()
            os.write(descriptor, batch)
            os.fdatasync(descriptor)
            times.append((time.perf_counter() - started) * 1e6)
    finally:
        os.close(descriptor)
        file.unlink()
    times.sort()
    return {"p50": times[attempts // 2], "p99": times[attempts * 99 // 100 - 1]}


def file_system(directory: Path) -> str:
    """Its type and device, from the mount that holds the directory. In a chroot there may be none that is known."""
    mounts = [line.split()[:3] for line in Path("/proc/mounts").read_text().splitlines()]
    held = [mount for mount in mounts if directory.resolve().is_relative_to(mount[1])]
    device, _, kind = max(held, key=lambda mount: len(mount[1]), default=("an unknown device", "", "unknown"))
    return f"{kind} on {device}"


def is_memory(directory: Path) -> bool:
    return file_system(directory).startswith(("tmpfs", "ramfs"))
