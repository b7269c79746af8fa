"""The plots of a report: what they show, and that the committed ones are of the committed tables."""

import sys
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parent))
from runner import plots, report, tables  # noqa: E402

documents = Path(__file__).resolve().parents[2] / "docs" / "performance"
svg = "{http://www.w3.org/2000/svg}"
rate_columns = ["", "events/s", "content and order"]
latency_columns = ["", "events/s", "p50 ms", "p99 ms"]


def rates(*rows: list[str]) -> dict:
    return {plots.kafka_rates: tables.by_columns(rate_columns, list(rows))}


def elements(drawing: str, name: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(drawing).findall(svg + name)


def words(drawing: str) -> list[str]:
    return [element.text for element in elements(drawing, "text")]


class FiguresAreRead(unittest.TestCase):
    def test_a_median_with_its_spread(self):
        self.assertEqual(tables.figure("374,251 (343,721–490,196)"), tables.Figure(374251, 343721, 490196))

    def test_a_number_alone_is_its_own_spread(self):
        self.assertEqual(tables.figure("0.58"), tables.Figure(0.58, 0.58, 0.58))

    def test_the_markdown_of_a_report_gives_the_rows_that_went_in(self):
        rows = [["pbxbridge, wss", "9 (8–10)", "all there, in order"], ["Node, wss", "3 (2–4)", "1 lost"]]
        text = f"## {plots.kafka_rates}\n\n{report.markdown_table(rate_columns, rows)}\n\nA note.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"
        self.assertEqual(tables.read_markdown(text), rates(*rows))


class RatesAreBars(unittest.TestCase):
    def test_a_bar_is_as_long_as_its_rate(self):
        drawing = plots.draw(rates(["pbxbridge, wss", "400 (400–400)", "all there, in order"],
                                   ["Node, wss", "100 (100–100)", "all there, in order"]))["rate.svg"]
        long, short = (float(bar.get("width")) for bar in elements(drawing, "rect")[1:])
        self.assertAlmostEqual(long / short, 4)

    def test_what_was_wrong_is_next_to_the_rate(self):
        drawing = plots.draw(rates(["Benthos, wss", "56,614", "138,470 out of order"]))["rate.svg"]
        self.assertIn("56,614, 138,470 out of order", words(drawing))

    def test_rows_over_ws_are_left_out_and_of_mqtt_version_5_counts(self):
        rows = ["pbxbridge, v5, ws", "pbxbridge, v5, wss", "pbxbridge, v3.1.1, wss", "Benthos, v3.1.1, wss"]
        drawing = plots.draw(rates(*([name, "5", "all there, in order"] for name in rows)))["rate.svg"]
        self.assertEqual([name for name in words(drawing) if ", v" in name], ["pbxbridge, v5", "Benthos, v3.1.1"])


class LatenciesAreCurves(unittest.TestCase):
    def setUp(self):
        rows = [["pbxbridge", "100", "1.00", "2.00"], ["Benthos", "100", "1.00", "2.00"],
                ["pbxbridge", "20,000", "1.00", "10.0"], ["Benthos", "20,000, reached 11,904", "1,057 (1,011–1,608)", "1,439"]]
        self.drawing = plots.draw({plots.kafka_latencies: tables.by_columns(latency_columns, rows)})["latency.svg"]

    def test_each_bridge_has_a_curve_in_both_panels(self):
        self.assertEqual(len(elements(self.drawing, "polyline")), 4)

    def test_a_rate_that_was_not_reached_is_hollow(self):
        hollow = [dot for dot in elements(self.drawing, "circle") if dot.get("fill") == "#ffffff"]
        self.assertEqual(len(hollow), 2)

    def test_a_higher_latency_is_higher_up(self):
        first, last = (float(point.split(",")[1]) for point in elements(self.drawing, "polyline")[3].get("points").split())
        self.assertLess(last, first)


class ReportsWithoutThoseParts(unittest.TestCase):
    def test_draw_nothing(self):
        self.assertEqual(plots.draw({"Smoke test": tables.by_columns(["", "delivered"], [["Kafka, ws", "20,000"]])}), {})


class CommittedPlots(unittest.TestCase):
    def test_are_those_of_the_committed_tables(self):
        drawn = plots.draw(tables.read(documents / "tables.md"))
        self.assertEqual(sorted(drawn), ["latency.svg", "rate.svg"])
        for name, drawing in drawn.items():
            self.assertEqual((documents / name).read_text(), drawing,
                             "cd tests/bench && python3 -B -m runner.plots ../../docs/performance/tables.md ../../docs/performance")


if __name__ == "__main__":
    unittest.main()
