"""The two plots of docs/performance.md: rates, and latencies to a Kafka consumer, next to the peers'.

    python3 -m runner.plots REPORT.json|TABLES.md DIRECTORY
"""

import math
import sys
from pathlib import Path

from . import svg, tables
from .figures import number
from .tables import figure

kafka_rates = "Kafka: lossless events a second"
mqtt_rates = "MQTT, QoS 1: lossless events a second"
kafka_latencies = "Kafka: from push to consumer, over wss"

colours = {"pbxbridge": "#0a6c4c", "Python": "#b7791f", "Node": "#4a5aa8", "Benthos": "#8b949e"}
pale_colours = {"Python, linger.ms 0": "#e0b060"}
bar_step, label_width, bar_width = 26, 170, 440
panel_width, panel_height = 250, 260


def draw(found: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """Each plot by its file name, of which the report has the tables."""
    drawn = {}
    if panels := [(title, over_wss(found[title])) for title in (kafka_rates, mqtt_rates) if title in found]:
        drawn["rate.svg"] = bars("Events a second over wss: the median, lowest and highest of all runs", panels)
    if kafka_latencies in found:
        drawn["latency.svg"] = latency_curves("From the PBX's push to a Kafka consumer, in ms", found[kafka_latencies])
    return drawn


def write(found: dict[str, list[dict[str, str]]], directory: Path) -> None:
    for name, content in draw(found).items():
        (directory / name).write_text(content)


def over_wss(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Returns for each bridge the rows over wss, with MQTT 5 where it has that."""
    rows = [row for row in rows if row[""].endswith(", wss")]
    with_5 = {bridge(row) for row in rows if ", v5" in row[""]}
    return [row for row in rows if ", v3.1.1" not in row[""] or bridge(row) not in with_5]


def bridge(row: dict[str, str]) -> str:
    return row[""].partition(",")[0]


def colour(row: dict[str, str]) -> str:
    return pale_colours.get(row[""], colours.get(bridge(row), svg.ink))


def bars(title: str, panels: list[tuple[str, list[dict[str, str]]]]) -> str:
    """One bar for each row. A thin line reaches from the lowest to the highest run."""
    elements = [svg.text(10, 20, title, weight="bold")]
    y = 34.0
    for heading, rows in panels:
        scale = bar_width / max(figure(row["events/s"]).highest for row in rows)
        y += 16
        elements.append(svg.text(10, y, heading))
        y += 8
        for row in rows:
            elements += rate_bar(row, y, scale)
            y += bar_step
    return svg.document(label_width + bar_width + 170, int(y) + 10, title, elements)


def rate_bar(row: dict[str, str], y: float, scale: float) -> list[str]:
    rate = figure(row["events/s"])
    words = number(rate.middle)
    if (content := row["content and order"]) != "all there, in order":
        words += f", {content}"
    centre = y + bar_step / 2
    return [svg.text(label_width - 8, centre + 4, row[""].removesuffix(", wss"), "end"),
            svg.bar(label_width, y + 4, rate.middle * scale, bar_step - 8, colour(row)),
            svg.line(label_width + rate.lowest * scale, centre, label_width + rate.highest * scale, centre, svg.ink),
            svg.text(label_width + rate.highest * scale + 6, centre + 4, words)]


def latency_curves(title: str, rows: list[dict[str, str]]) -> str:
    """A panel for each percentile, on one logarithmic scale of milliseconds."""
    names = list(dict.fromkeys(row[""] for row in rows))
    percentiles = ("p50 ms", "p99 ms")
    values = [figure(row[percentile]).middle for row in rows for percentile in percentiles]
    decades = range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)
    elements = [svg.text(10, 20, title, weight="bold")]
    for index, percentile in enumerate(percentiles):
        elements += latency_panel(percentile, rows, names, decades, 50.0 + index * (panel_width + 60))
    x = 50.0 + len(percentiles) * (panel_width + 60)
    for index, name in enumerate(names):
        y = 60.0 + index * 22
        elements += [svg.dot(x, y - 4, colour({"": name})), svg.text(x + 12, y, name)]
    elements.append(svg.text(x - 4, 60.0 + len(names) * 22, "hollow: rate not reached"))
    return svg.document(int(x) + 160, panel_height + 90, title, elements)


def latency_panel(percentile: str, rows: list[dict[str, str]], names: list[str], decades: range, left: float) -> list[str]:
    top = 50.0
    rates = list(dict.fromkeys(row["events/s"].partition(", reached")[0] for row in rows))

    def x(rate: str) -> float:
        return left + 25 + rates.index(rate) * (panel_width - 50) / max(1, len(rates) - 1)

    def y(milliseconds: float) -> float:
        return top + panel_height * (decades[-1] - math.log10(milliseconds)) / (len(decades) - 1)

    elements = [svg.text(left, top - 10, percentile.removesuffix(" ms"))]
    for decade in decades:
        elements += [svg.line(left, y(10.0**decade), left + panel_width, y(10.0**decade)),
                     svg.text(left - 6, y(10.0**decade) + 4, f"{10.0**decade:,g}", "end")]
    elements += [svg.text(x(rate), top + panel_height + 18, rate, "middle") for rate in rates]
    elements.append(svg.text(left + panel_width / 2, top + panel_height + 36, "events a second", "middle"))
    for name in reversed(names):  # the first of the table on top
        elements += latency_curve([row for row in rows if row[""] == name], percentile, x, y)
    return elements


def latency_curve(rows: list[dict[str, str]], percentile: str, x, y) -> list[str]:
    dots = [(row["events/s"].partition(", reached"), y(figure(row[percentile]).middle)) for row in rows]
    points = [(x(rate), height) for (rate, _, _), height in dots]
    return [svg.curve(points, colour(rows[0])),
            *(svg.dot(x(rate), height, colour(rows[0]), bool(reached)) for (rate, reached, _), height in dots)]


if __name__ == "__main__":
    write(tables.read(Path(sys.argv[1])), Path(sys.argv[2]))
