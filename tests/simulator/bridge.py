"""A running pbxbridge at a simulated PBX, which writes each event into a file."""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "e2e"))
from waiting import Child, eventually

CONFIGURATION = """\
pbx:
  - name: hq
    url: {url}
    auth: {{ username: bridge, domain: example.test, password: secret }}
    subscribe:
      - {{ topic: cdr_events }}
      - {{ topic: queue_events, queues: ["8001"] }}
    connect_timeout: 1s
    ping_interval: 200ms
    peer_timeout: 1s
    reconnect: {{ initial: 50ms, maximum: 100ms }}
    auth_retry: {{ initial: 100ms, maximum: 200ms }}
    {more}
sinks:
  lake: {{ type: file, format: raw, path: "{directory}/events.ndjson" }}
routes:
  - match: {{}}
    to: {{ sink: lake }}
spool: {{ path: "{directory}/spool" }}
admin: {{ listen: "127.0.0.1:0" }}
"""


class Bridge:
    def __init__(self, programs: Path, directory: Path, url: str, more: str = ""):
        self._events = directory / "events.ndjson"
        configuration = directory / "pbxbridge.yaml"
        configuration.write_text(CONFIGURATION.format(url=url, directory=directory, more=more))
        self._child = Child([programs / "pbxbridge", "run", "--config", configuration], directory / "log")
        self._read = 0

    def __enter__(self) -> "Bridge":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.end()

    def wait_for_log(self, code: str, part: str = "") -> dict:
        """The next line with that code, and with `part` in it, after those that were waited for before."""

        def line() -> dict | None:
            lines = self._child.log.read_text(errors="replace").splitlines()
            for number in range(self._read, len(lines)):
                if f'"code":"{code}"' in lines[number] and part in lines[number]:
                    self._read = number + 1
                    return json.loads(lines[number])
            return None

        try:
            return eventually(line, f"{code} {part!r}", 20)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._child.log.read_text(errors='replace')[-3000:]}") from None

    def wait_for_event(self, part: bytes) -> bytes:
        def event() -> bytes | None:
            lines = self._events.read_bytes().split(b"\n") if self._events.exists() else []
            return next((line for line in lines if part in line), None)

        return eventually(event, f"{part[:60]!r} in {self._events}", 30)

    def still_runs(self) -> bool:
        return self._child.process.poll() is None
