// Keeps the page up to date: the server sends its parts as HTML, and a point for each chart.
"use strict";

const minutes15 = 15 * 60;
const measures = [
  ["rate", "deliveries acknowledged a second"],
  ["lag", "events that wait"],
  ["latency", "milliseconds to acknowledgement (p99)"],
];
const charts = new Map(); // by sink and measure: { graph, rows }

function chartOf(sink, measure, title) {
  const key = sink + "\n" + measure;
  if (charts.has(key)) return charts.get(key);
  const box = document.createElement("div");
  box.className = "chart";
  const heading = document.createElement("h3");
  heading.textContent = sink + ": " + title;
  const plot = document.createElement("div");
  plot.className = "plot";
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", heading.textContent + "; the table above has the present value");
  box.append(heading, plot);
  document.getElementById("charts").append(box);
  const faint = getComputedStyle(document.body).getPropertyValue("--faint").trim();
  const line = getComputedStyle(document.body).getPropertyValue("--line").trim();
  const chart = { rows: [], graph: null, plot, faint, line };
  charts.set(key, chart);
  return chart;
}

function addPoints(points) {
  for (const point of points) {
    const at = new Date(point.at * 1000);
    for (const [sink, values] of Object.entries(point.sinks))
      for (const [index, [measure, title]] of measures.entries()) {
        const { rows } = chartOf(sink, measure, title);
        if (rows.length > 0 && rows[rows.length - 1][0] >= at) continue;
        rows.push([at, values[index]]);
        while (rows.length > minutes15) rows.shift();
      }
  }
}

function draw() {
  document.querySelector(".charts").hidden = charts.size === 0;
  for (const chart of charts.values()) {
    if (chart.rows.length === 0) continue;
    if (chart.graph) chart.graph.updateOptions({ file: chart.rows });
    else
      chart.graph = new Dygraph(chart.plot, chart.rows, {
        labels: ["time", "value"], includeZero: true, labelsUTC: true, strokeWidth: 1.5, color: "#2f81f7", legend: "never",
        axisLineColor: chart.faint, gridLineColor: chart.line, axisLabelFontSize: 11, interactionModel: {},
      });
  }
}

function showSections(sections) {
  for (const [id, html] of Object.entries(sections)) {
    const element = document.getElementById(id);
    if (element && element.dataset.html !== html) {
      element.dataset.html = html;
      element.innerHTML = html; // made by pbxbridge, which escapes whatever comes from elsewhere
    }
  }
}

/// The text of the configuration is loaded again when it has become another one.
async function showConfiguration(hash) {
  const element = document.querySelector("#configuration pre");
  if (element.dataset.hash === hash) return;
  element.dataset.hash = hash;
  const answer = await fetch("configuration");
  if (answer.ok) element.textContent = await answer.text();
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text; // else it would be read out again
}

function listen() {
  const connection = document.getElementById("connection");
  const liveEvents = new LiveEvents();
  const source = new EventSource("events");
  source.addEventListener("history", (event) => { addPoints(JSON.parse(event.data)); draw(); });
  source.addEventListener("status", (event) => {
    const status = JSON.parse(event.data);
    showSections(status.sections);
    addPoints([status.point]);
    draw();
    showConfiguration(status.configuration);
    say(connection, "live");
  });
  source.addEventListener("events", (event) => liveEvents.add(JSON.parse(event.data)));
  source.onerror = () => say(connection, "pbxbridge does not answer; trying again");
}

// It writes styles into its HTML, which the content security policy forbids.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
listen();
