// Live events: a sample of those of the last seconds, with how each ends in each sink.
"use strict";

const mostEvents = 300; // kept
const mostRows = 20; // shown

/// Keeps what was heard of each event, the latest last; bounded.
class RecentEvents {
  constructor() {
    this.events = new Map(); // by id
    this.number = null; // number of the latest piece
    this.leftOut = 0;
  }

  /// `piece`: moments in JSON, numbered.
  add(piece) {
    if (this.number !== null && piece.number > this.number + 1) this.leftOut += piece.number - this.number - 1;
    this.number = piece.number;
    for (const moment of piece.moments) this.addMoment(moment);
    for (const id of this.events.keys()) {
      if (this.events.size <= mostEvents) break;
      this.events.delete(id);
    }
  }

  addMoment(moment) {
    if (moment.moment === "left_out") {
      this.leftOut += moment.over_rate + moment.not_looked_at + moment.reader_too_slow;
      return;
    }
    if (!moment.event_id) return;
    let event = this.events.get(moment.event_id);
    if (!event) {
      event = { type: moment.event_type, at: moment.at, pbx: moment.pbx, sinks: new Map(),
        entity: moment.entity ? moment.entity_kind + " " + moment.entity : "–" };
      this.events.set(moment.event_id, event);
    }
    if (moment.moment === "accepted")
      for (const { sink } of moment.destinations) event.sinks.set(sink, "accepted");
    else
      event.sinks.set(moment.sink, moment.moment);
  }

  /// The latest first, those whose texts hold all of the words.
  matching(filter) {
    const words = filter.toLowerCase().split(/\s+/).filter((word) => word);
    const text = (event) => [event.type, event.pbx, event.entity, ...[...event.sinks].flat()].join(" ").toLowerCase();
    return [...this.events.values()].reverse().filter((event) => words.every((word) => text(event).includes(word)));
  }
}

function cell(column, ...content) {
  const box = document.createElement("div");
  box.append(...content);
  const element = document.createElement("td");
  element.dataset.column = column;
  element.append(box);
  return element;
}

function sinkText(sink, state) {
  const element = document.createElement("span");
  element.className = { delivered: "well", accepted: "none", retry: "warning" }[state] || "failing";
  element.textContent = sink + ": " + (state === "accepted" ? "waits" : state.replace("_", " "));
  return element;
}

function eventRow(event) {
  const row = document.createElement("tr");
  const heading = document.createElement("th");
  heading.scope = "row";
  heading.textContent = event.type || "–";
  const sinks = [...event.sinks].flatMap(([sink, state], index) => [index > 0 ? ", " : "", sinkText(sink, state)]);
  row.append(heading, cell("At", event.at.slice(11, 23)), cell("PBX", event.pbx), cell("Entity", event.entity),
    cell("Sinks", ...(sinks.length > 0 ? sinks : ["no route takes it"])));
  return row;
}

class LiveEvents {
  constructor() {
    this.recent = new RecentEvents();
    this.filter = document.getElementById("events-filter");
    this.pause = document.getElementById("events-pause");
    this.note = document.getElementById("events-note");
    this.rows = document.querySelector("#events-table tbody");
    this.filter.addEventListener("input", () => this.show());
    this.pause.addEventListener("click", () => this.toggle());
    document.getElementById("events-form").addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("events").closest("section").hidden = false;
  }

  get isPaused() { return this.pause.getAttribute("aria-pressed") === "true"; }

  toggle() {
    this.pause.setAttribute("aria-pressed", String(!this.isPaused));
    this.pause.textContent = this.isPaused ? "Resume" : "Pause";
    this.show();
  }

  /// Nothing changes while it is paused, so that it can be read.
  add(piece) {
    if (this.isPaused) return;
    this.recent.add(piece);
    this.show();
  }

  show() {
    const matching = this.recent.matching(this.filter.value);
    this.rows.replaceChildren(...matching.slice(0, mostRows).map(eventRow));
    this.note.textContent = this.isPaused ? "Paused." : matching.length === 0 ? "No event yet." :
      `${matching.length} events, a sample: ${this.recent.leftOut} more were left out.`;
  }
}
