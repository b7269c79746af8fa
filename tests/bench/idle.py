#!/usr/bin/env python3
"""Measures what pbxbridge takes while little happens, and how soon it is ready: idle.py BUILD_DIRECTORY [SECONDS [EVENTS_A_SECOND...]].

The starter configuration, with a simulated PBX that it is subscribed to. Ready is what a service manager is notified of: the spool is
open and the admin endpoint listens. CPU time and memory are the kernel's."""

import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 20


def starter(program: pathlib.Path, directory: pathlib.Path, url: str) -> pathlib.Path:
    """Returns the generated configuration, with the PBX, its account and the spool of this run."""
    text = subprocess.run([program, "reference", "starter"], capture_output=True, text=True, check=True).stdout
    text = text.replace("wss://pbx.example.com:8887/wsi", url)
    text = re.sub(r"domain: example.com .*", "domain: example.test", text)
    text = text.replace("password_file: /run/secrets/pbx_password", "password: secret")
    text += f"spool: {{ path: {directory}/spool }}\nadmin: {{ listen: '127.0.0.1:0' }}\n"
    file = directory / "bridge.yaml"
    file.write_text(text)
    return file


def start(program: pathlib.Path, configuration: pathlib.Path) -> tuple[subprocess.Popen, float]:
    """The process, and the seconds from its start until it was ready."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{directory}/notify")
        manager.settimeout(30)
        began = time.monotonic()
        process = subprocess.Popen([program, "run", "--config", configuration], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=os.environ | {"NOTIFY_SOCKET": f"{directory}/notify"})
        while b"READY=1" not in manager.recv(4096):
            pass
        return process, time.monotonic() - began


def end(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait(30)


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> dict[str, float]:
    """MiB: Rss of the process, what is its own of that, and the peak."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    kibibytes = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", rollup, flags=re.MULTILINE)}
    peak = int(re.search(r"^VmHWM:\s+(\d+)", status, flags=re.MULTILINE)[1])
    own = kibibytes["Private_Clean"] + kibibytes["Private_Dirty"]
    return {"Rss": kibibytes["Rss"] / 1024, "own": own / 1024, "peak": peak / 1024}


def measure(program: pathlib.Path, configuration: pathlib.Path, seconds: float) -> str:
    process, _ = start(program, configuration)
    time.sleep(5)  # connected, subscribed, and done with what a start takes
    before = cpu_seconds(process.pid)
    time.sleep(seconds)
    used = cpu_seconds(process.pid) - before
    taken = memory(process.pid)
    end(process)
    sizes = ", ".join(f"{name} {size:.1f} MiB" for name, size in taken.items())
    return f"{used / seconds * 1000:.1f} millicores over {seconds:.0f} s; {sizes}"


def main(build: pathlib.Path, seconds: float, rates: list[float]) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        simulator = subprocess.Popen([build / "pbxbridge-sim", "--control"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        url = simulator.stdout.readline().strip().removeprefix("listening ")
        configuration = starter(build / "pbxbridge", directory, url)
        times = []
        for _ in range(STARTS):
            process, took = start(build / "pbxbridge", configuration)
            times.append(took * 1000)
            end(process)
        print(f"exec to ready, {STARTS} starts: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms")
        for rate in rates:
            simulator.stdin.write(f"rate {rate:g}\n")
            simulator.stdin.flush()
            print(f"{rate:g} events a second: {measure(build / 'pbxbridge', configuration, seconds)}")
        simulator.stdin.close()
        simulator.terminate()
        simulator.wait(30)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), float((sys.argv[2:] or [60])[0]), [float(rate) for rate in sys.argv[3:] or [0]])
