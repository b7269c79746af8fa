// Shows the documents as tiles. Whatever comes from elsewhere becomes text, and never HTML.
"use strict";

const collator = new Intl.Collator("en", { numeric: true });

function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

function show(place, text) {
  if (place.textContent !== text) place.textContent = text; // else it would be read out again
}

function durationText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [minutes, hours, days] = [Math.floor(whole / 60) % 60, Math.floor(whole / 3600) % 24, Math.floor(whole / 86400)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/// Says how long something has lasted, or, where that is no longer known, when it began. `since`: UNIX seconds of the PBX.
function lastingText(since, { now, ahead, isTrue }) {
  if (!(Number(since) > 0 && since * 1000 <= now + aheadMax)) return "–";
  const begin = since * 1000 - ahead;
  return isTrue ? durationText((now - begin) / 1000) : "since " + clockText(begin, now);
}

/// Values under their names.
class Figures {
  constructor(...names) {
    this.places = new Map();
    this.list = element("dl", "figures");
    for (const name of names) {
      const term = element("dt", "", name);
      const value = element("dd", "");
      this.places.set(name, value);
      this.list.append(element("div", "figure", term, value));
    }
  }

  show(name, value) { show(this.places.get(name), String(value)); }
}

class QueueTile {
  constructor(settings) {
    this.settings = settings;
    this.name = element("p", "name");
    this.main = new Figures("waiting", "longest wait", "agents ready");
    this.main.list.classList.add("main");
    this.agents = new Figures("to call back", "in a call", "wrapping up", "not ready", "logged out");
    this.totals = new Figures("entered", "answered", "abandoned", "call-backs", "overflowed", "over the SLA");
    this.item = element("li", "tile queue", this.name, this.main.list, this.agents.list, this.totals.list);
  }

  /// `moment`: { now, ahead of its PBX, isTrue }
  tick(queue, moment) {
    show(this.name, `${queue.name || "Queue"} ${queue.queue_number || queue.queue_id}`);
    const waited = (moment.now + moment.ahead) / 1000 - queue.longest_wait_since; // seconds
    const isLate = moment.isTrue && queue.longest_wait_since > 0 && waited > this.settings.late;
    this.item.classList.toggle("late", isLate);
    this.item.classList.toggle("waiting", queue.waiting > 0);
    this.main.show("waiting", queue.waiting);
    this.main.show("longest wait", lastingText(queue.longest_wait_since, moment) + (isLate ? " !" : ""));
    this.main.show("agents ready", queue.agents_ready);
    this.agents.show("to call back", queue.callbacks);
    this.agents.show("in a call", queue.agents_queue_call + queue.agents_other_call);
    this.agents.show("wrapping up", queue.agents_wrap_up);
    this.agents.show("not ready", queue.agents_not_ready);
    this.agents.show("logged out", queue.agents_logged_out + queue.agents_offline);
    this.totals.show("entered", queue.entered);
    this.totals.show("answered", queue.answered);
    this.totals.show("abandoned", queue.abandoned);
    this.totals.show("call-backs", queue.called_back);
    this.totals.show("overflowed", queue.overflowed);
    this.totals.show("over the SLA", queue.sla_breached);
  }
}

const stateWords = {
  queue_call: "in a queue call", wrap_up: "wrapping up", other_call: "in another call", not_ready: "not ready",
  logged_out: "logged out", on_call: "in a call", do_not_disturb: "do not disturb", business_trip: "business trip",
};

/// An agent in one queue, or an extension.
class PersonTile {
  constructor() {
    this.name = element("p", "name");
    this.state = element("span", "state");
    this.since = element("span", "since");
    this.item = element("li", "tile person", this.name, element("p", "", this.state, " ", this.since));
  }

  tick(person, moment) {
    show(this.name, person.name ? `${person.name} ${person.extension}` : String(person.extension));
    this.item.dataset.state = person.state;
    const note = person.presence_note ? ` (${person.presence_note})` : "";
    show(this.state, (Object.hasOwn(stateWords, person.state) ? stateWords[person.state] : String(person.state)) + note);
    show(this.since, lastingText(person.since, moment));
  }
}

const kinds = {
  queues: { type: "state_queue", Tile: QueueTile, group: () => "", order: (each) => `${each.name} ${each.queue_number}` },
  agents: { type: "state_agent", Tile: PersonTile, group: (each) => `${each.queue_name} ${each.queue_number}`,
    order: (each) => `${each.name} ${each.extension}` },
  extensions: { type: "state_extension", Tile: PersonTile, group: () => "", order: (each) => String(each.extension) },
};

/// One part of the page: a tile for each document of its type, in groups with headings.
class Section {
  constructor(id, settings) {
    this.kind = kinds[id];
    this.settings = settings;
    this.groups = document.querySelector(`#${id} .groups`);
    this.none = document.querySelector(`#${id} .none`);
    this.tiles = new Map(); // by topic: { tile, pbx, group, order }
  }

  show(board, now, isTrue) {
    const own = new Map([...board.documents].filter(([, each]) => each.event_type === this.kind.type));
    if (this.placeTiles(own)) this.lay();
    for (const [topic, each] of own) {
      const { tile } = this.tiles.get(topic);
      const moment = { now, ahead: board.ahead(each.pbx), isTrue: isTrue(each.pbx) };
      tile.item.classList.toggle("stale", !moment.isTrue);
      tile.tick(each, moment);
    }
    this.none.hidden = own.size > 0;
  }

  /// Makes and removes tiles; true where one has come, gone, or belongs elsewhere.
  placeTiles(own) {
    let isChanged = false;
    for (const topic of [...this.tiles.keys()].filter((each) => !own.has(each))) isChanged = this.tiles.delete(topic);
    for (const [topic, each] of own) {
      const known = this.tiles.get(topic);
      const [pbx, group, order] = [String(each.pbx), this.kind.group(each), this.kind.order(each)];
      if (known?.pbx === pbx && known.group === group && known.order === order) continue;
      this.tiles.set(topic, { tile: known ? known.tile : new this.kind.Tile(this.settings), pbx, group, order });
      isChanged = true;
    }
    return isChanged;
  }

  /// The PBX stands in the headings only where there are several.
  lay() {
    const all = [...this.tiles.values()];
    const isOnePbx = new Set(all.map(({ pbx }) => pbx)).size < 2;
    const groups = new Map(); // by heading
    for (const each of all) {
      const heading = [isOnePbx ? "" : each.pbx, each.group].filter((part) => part).join(": ");
      if (!groups.has(heading)) groups.set(heading, []);
      groups.get(heading).push(each);
    }
    const headings = [...groups.keys()].sort(collator.compare);
    this.groups.replaceChildren(...headings.flatMap((heading) => {
      const members = groups.get(heading).sort((left, right) => collator.compare(left.order, right.order));
      const list = element("ul", "tiles", ...members.map(({ tile }) => tile.item));
      return heading ? [element("h3", "", heading), list] : [list];
    }));
  }
}
