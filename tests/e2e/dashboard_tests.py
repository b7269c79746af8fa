"""deploy/grafana and deploy/prometheus on a real Prometheus that scrapes a bridge which runs: dashboard_tests.py PROGRAMS.

Each query of the dashboard is asked as Grafana would ask it: the variables stand for everything.
"""

import json
import re
import shutil
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from running_bridge import RunningBridge, free_port
from waiting import Child, eventually

programs = Path(sys.argv[1])
root = Path(__file__).resolve().parents[2]
dashboard = json.loads((root / "deploy/grafana/pbxbridge.json").read_text())

SETTINGS = """\
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: pbxbridge
    static_configs: [{{ targets: ["{bridge}"] }}]
"""

# These have no series, or none that the panel shows, until something has gone wrong.
SHOWS_TROUBLE = {"Gaps in the last day", "Events with trouble", "Retries and losses"}


class OnPrometheus(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        directory = Path(temporary.name)
        cls.bridge = RunningBridge(programs, directory, events_a_second=50)
        cls.addClassCleanup(cls.bridge.end)
        settings = directory / "prometheus.yaml"
        settings.write_text(SETTINGS.format(rules=root / "deploy/prometheus/alerts.yaml", bridge=cls.bridge.address))
        cls.address = f"127.0.0.1:{free_port()}"
        prometheus = Child([shutil.which("prometheus"), f"--config.file={settings}",
                            f"--storage.tsdb.path={directory / 'measurements'}", f"--web.listen-address={cls.address}"],
                           directory / "prometheus.log")
        cls.addClassCleanup(prometheus.end)
        prometheus.wait_for("Server is ready to receive web requests", 60)

    def ask(self, path: str, **parameters: str):
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def series(self, query: str) -> list:
        query = re.sub(r"\$(instance|pbx|sink)\b", ".*", query).replace("$__rate_interval", "10s")
        return self.ask("query", query=query)["result"]

    def test_each_panel_shows_something(self) -> None:
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                if panel["title"] in SHOWS_TROUBLE:
                    self.series(target["expr"])
                else:
                    eventually(lambda: self.series(target["expr"]), f"{panel['title']}: {target['expr']}", 60)

    def test_each_variable_has_something_to_choose(self) -> None:
        for variable in dashboard["templating"]["list"]:
            if variable["type"] != "query":
                continue
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"]).groups()
            eventually(lambda: self.ask(f"label/{label}/values", **{"match[]": metric}), variable["name"], 60)

    def test_no_alert_fires_while_all_is_well(self) -> None:
        rules = eventually(lambda: [rule for group in self.ask("rules", type="alert")["groups"]
                                    for rule in group["rules"]], "the rules are loaded")
        eventually(lambda: self.series("pbxbridge_sink_connected"), "the bridge is scraped", 60)
        self.assertGreater(len(rules), 10)
        self.assertEqual([rule["name"] for rule in rules if rule["health"] == "err"], [])
        self.assertEqual(self.series('ALERTS{alertstate="firing"}'), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
