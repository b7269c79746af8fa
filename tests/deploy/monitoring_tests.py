"""Names that deploy/ asks Prometheus for exist: each metric, each of its labels, each section that an alert leads to.

docs/reference/metrics.md has the metrics; another test holds it to what the program serves.
"""

import json
import re
import sys
import unittest
from pathlib import Path

root = Path(__file__).resolve().parents[2]

# Labels that Prometheus itself adds, or a query makes.
LABELS_OF_PROMETHEUS = {"instance", "job", "le"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


def metrics() -> dict[str, set[str]]:
    """Each series with its labels."""
    series = {}
    row = r"^\| `(\w+)` \| (\w+) \| ([^|]*) \|"
    for name, kind, labels in re.findall(row, (root / "docs/reference/metrics.md").read_text(), re.MULTILINE):
        for suffix in SUFFIXES.get(kind, ("",)):
            series[name + suffix] = set(re.findall(r"`(\w+)`", labels))
    return series


def queries_of_dashboard(dashboard: dict) -> list[str]:
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    variables = [each["definition"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    return [target["expr"] for panel in panels for target in panel["targets"]] + variables


def queries_of_alerts(text: str) -> list[str]:
    return re.findall(r"^ +expr: '(.*)'$", text, flags=re.MULTILINE)


def faults(query: str, known: dict[str, set[str]]) -> list[str]:
    found = []
    names = re.findall(r"\b((?:pbxbridge|process)_\w+)(?:\{([^}]*)\})?", query)
    if not names:
        found.append("asks for no metric of pbxbridge")
    labels = set(LABELS_OF_PROMETHEUS)
    for name, matchers in names:
        if name not in known:
            found.append(f"there is no metric {name}")
        labels |= known.get(name, set())
        found += [f"{name} has no label {label}" for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)
                  if label not in known.get(name, set()) | LABELS_OF_PROMETHEUS]
    for grouping in re.findall(r"\bby \(([^)]*)\)", query):
        found += [f"groups by {label}" for label in re.split(r"[,\s]+", grouping) if label not in labels]
    return found


class Monitoring(unittest.TestCase):
    def setUp(self):
        self.known = metrics()
        self.dashboard = json.loads((root / "deploy/grafana/pbxbridge.json").read_text())
        self.alerts = (root / "deploy/prometheus/alerts.yaml").read_text()

    def test_dashboard_asks_for_what_exists(self):
        for query in queries_of_dashboard(self.dashboard):
            self.assertEqual(faults(query, self.known), [], query)

    def test_dashboard_has_a_row_each_for_source_spool_and_sinks(self):
        self.assertEqual([panel["title"] for panel in self.dashboard["panels"] if panel["type"] == "row"],
                         ["Source", "Spool", "Sinks"])
        ids = [panel["id"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in self.dashboard["panels"]:
            self.assertTrue(panel["type"] == "row" or panel["targets"], panel["title"])

    def test_alerts_ask_for_what_exists(self):
        queries = queries_of_alerts(self.alerts)
        self.assertEqual(len(queries), len(re.findall(r"- alert:", self.alerts)))
        for query in queries:
            self.assertEqual(faults(query, self.known), [], query)

    def test_each_alert_leads_to_its_section(self):
        headings = re.findall(r"^## (\w+)$", (root / "docs/guides/alerts.md").read_text(), flags=re.MULTILINE)
        names = re.findall(r"- alert: (\w+)", self.alerts)
        self.assertEqual(headings, names)
        runbooks = re.findall(r"runbook_url: (\S+)", self.alerts)
        self.assertEqual(runbooks, [f"docs/guides/alerts.md#{name.lower()}" for name in names])

    def test_each_alert_is_tried_when_it_fires_and_when_it_does_not(self):
        cases = (root / "deploy/prometheus/alerts.test.yaml").read_text()
        for name in re.findall(r"- alert: (\w+)", self.alerts):
            self.assertIn(f'count(ALERTS{{alertname="{name}",alertstate="firing"}})', cases)
            self.assertIn(f"{{ alertname: {name}, eval_time:", cases)

    def test_the_guide_explains_each_panel_in_its_row(self):
        guide = (root / "docs/guides/dashboards.md").read_text()
        explained = {}
        for row, panels in re.findall(r"^\| (\w+) \| Shows \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", guide, re.MULTILINE):
            explained[row] = re.findall(r"^\| ([^|]*) \|", panels, re.MULTILINE)
        shown = {}
        for panel in self.dashboard["panels"]:
            if panel["type"] == "row":
                row = shown.setdefault(panel["title"], [])
            else:
                row.append(panel["title"])
        self.assertEqual(explained, shown)

    def test_the_guide_quotes_each_alert_as_it_is(self):
        guide = (root / "docs/guides/alerts.md").read_text()
        for query in queries_of_alerts(self.alerts):
            self.assertIn(f"`{query}`", guide)

    def test_the_guide_counts_the_alerts(self):
        guide = (root / "docs/guides/dashboards.md").read_text()
        count = len(queries_of_alerts(self.alerts))
        for text in (f"alerts.yaml` has {count} rules", f"SUCCESS: {count} rules found"):
            self.assertIn(text, guide)

    def test_a_query_with_a_mistake_is_found(self):
        for wrong in ("rate(pbxbridge_no_such_total[5m])", 'pbxbridge_sink_connected{pbx="hq"}', "up",
                      "sum by (topic) (pbxbridge_sink_connected)", "pbxbridge_spool_commit_seconds > 1"):
            self.assertNotEqual(faults(wrong, self.known), [], wrong)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
