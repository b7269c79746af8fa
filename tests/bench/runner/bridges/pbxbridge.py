"""pbxbridge itself, as configured by default but for what a row of a table is about."""

import subprocess
import urllib.request

from .. import generator, places, ports
from ..child import Child, wait_until
from .bridge import Bridge, Wiring

_pbx = """\
pbx:
  - name: hq
    url: {url}
    auth: {{ username: {username}, password: {password} }}
    {tls}
    subscribe: [{subscribe}]
"""


class Pbxbridge(Bridge):
    peer = False

    def __init__(self, name: str, sink: str, *, spool: str = "sync: always", protocol: str = "",
                 prefix: tuple[str, ...] = ()):
        """`sink`: the settings of its sink in YAML, without the address. `prefix`: the program that executes it."""
        self.name = name
        self._sink = sink
        self.cloudevents = "format: cloudevents" in sink
        self.protocol = protocol
        self._spool = spool
        self._prefix = prefix
        self.admin_port = 0

    def version(self) -> str:
        return subprocess.run([places.program("pbxbridge"), "--version"], check=True, capture_output=True,
                              text=True).stdout.strip()

    def start(self, wiring: Wiring) -> Child:
        self.admin_port = ports.free_port()
        configuration = wiring.directory / "pbxbridge.yaml"
        configuration.write_text(self.configuration(wiring))
        return Child("pbxbridge", [*self._prefix, places.program("pbxbridge"), "run", "--config", str(configuration)],
                     wiring.directory / "pbxbridge.log")

    def configuration(self, wiring: Wiring) -> str:
        return (self.pbx(wiring) + self.sinks(wiring) + self.routes(wiring)
                + f"spool: {{ path: {wiring.directory}/spool, {self._spool} }}\n"
                + f"admin: {{ listen: \"127.0.0.1:{self.admin_port}\" }}\n")

    def pbx(self, wiring: Wiring) -> str:
        tenants = ", ".join(f'"{tenant}"' for tenant in generator.tenants)
        return _pbx.format(url=wiring.pbx_url, username=generator.username, password=generator.password,
                           tls=f"tls: {{ ca_file: {wiring.ca_file} }}" if wiring.ca_file else "",
                           subscribe=", ".join(f"{{ topic: {topic}, tenants: [{tenants}] }}"
                                               for topic in generator.topics))

    def sinks(self, wiring: Wiring) -> str:
        return f"sinks:\n  out: {{ {self.address(wiring)}, {self._sink} }}\n"

    def address(self, wiring: Wiring) -> str:
        if wiring.topic:
            return f'type: kafka, brokers: ["127.0.0.1:{wiring.broker_port}"]'
        return f'type: mqtt, url: "mqtt://127.0.0.1:{wiring.broker_port}"'

    def routes(self, wiring: Wiring) -> str:
        target = f'topic: {wiring.topic}, key: "{{entity|none}}"' if wiring.topic else 'topic: "pbx/{entity|none}"'
        return f"routes:\n  - match: {{}}\n    to: {{ sink: out, {target} }}\n"

    def wait_until_ready(self, child: Child) -> None:
        wait_until("pbxbridge is ready", self.ready, 60, child)

    def ready(self) -> bool:
        return 'pbxbridge_sink_connected{sink="out"} 1' in self.metrics()

    def metrics(self) -> str:
        return self._ask("/metrics")

    def metric(self, name: str) -> float:
        """The sum over all labels."""
        return sum(float(line.split()[-1]) for line in self.metrics().splitlines()
                   if line.startswith((name + "{", name + " ")))

    def takes_events(self) -> bool:
        return bool(self._ask("/readyz"))

    def _ask(self, path: str) -> str:
        """Empty while nobody answers, or not with 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""
