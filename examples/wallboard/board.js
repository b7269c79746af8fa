// State of the board, and whether it can be relied on. Plain values: no page, no connection, and the time is passed in.
"use strict";

/// A time of day, with the date unless it is today's.
function clockText(milliseconds, now) {
  const at = new Date(milliseconds);
  const time = at.toLocaleTimeString("en-GB");
  return at.toDateString() === new Date(now).toDateString() ? time : at.toLocaleDateString("sv-SE") + " " + time;
}

/// A page cannot know since when a retained message holds, only when it came.
function sinceText(since, wasRetained, now) {
  return (wasRetained ? "since before " : "since ") + clockText(since, now);
}

/// Milliseconds. A clock in another time zone is hours ahead; what is further ahead than a day is no time.
const aheadMax = 86400000;

class Board {
  constructor(settings, now) {
    this.settings = settings;
    this.connection = { state: "connecting", since: now };
    this.isRejected = false; // the present attempt to connect
    this.forget();
  }

  /// A broker does not repeat what it was told to forget meanwhile: each connection begins with nothing.
  forget() {
    this.documents = new Map(); // by topic
    this.links = new Map(); // by topic: the last bridge_link of a PBX
    this.aheads = new Map(); // by PBX: see `ahead`
    this.status = null;
    this.unreadable = 0;
  }

  connected(now) {
    this.connection = { state: "connected", since: now };
    this.isRejected = false;
    this.forget();
  }

  /// A connection has ended, or an attempt to connect.
  disconnected(now) {
    if (!this.isRejected && this.connection.state !== "lost") this.connection = { state: "lost", since: now };
    this.isRejected = false;
  }

  /// The broker answers, and does not give what is asked for.
  rejected(words, now) {
    if (this.connection.words !== words) this.connection = { state: "rejected", since: now, words };
    this.isRejected = true;
  }

  receive(topic, text, isRetained, now) {
    if (topic === this.settings.status) {
      this.status = { text, since: now, wasRetained: isRetained };
      return;
    }
    this.documents.delete(topic);
    this.links.delete(topic);
    if (text === "") return; // removed
    const read = readDocument(text);
    if (read === null) this.unreadable += 1;
    else if (read.event_type === "bridge_link") this.receiveLink(topic, read);
    else this.receiveState(topic, read, now);
  }

  receiveLink(topic, link) {
    this.links.set(topic, link);
    if (link.state === "streaming") this.aheads.delete(link.pbx); // its clock may be another one now
  }

  receiveState(topic, state, now) {
    this.documents.set(topic, state);
    const aheads = [state.since, state.longest_wait_since].map((each) => each * 1000 - now);
    this.aheads.set(state.pbx, Math.max(this.ahead(state.pbx), ...aheads.filter((each) => each <= aheadMax)));
  }

  /// Milliseconds by which the clock of a PBX is known to be ahead of the board's, for nothing began in the future.
  ahead(pbx) { return this.aheads.get(pbx) || 0; }

  /// Returns why nothing that is shown can be relied on; null where there is no such reason.
  generalTrouble(now) {
    const { state, since, words } = this.connection;
    const { broker, status } = this.settings;
    if (state === "connecting") return `Connecting to the broker ${broker}.`;
    if (state === "rejected") return `The broker ${broker} has rejected this page ${sinceText(since, false, now)}: ${words}.`;
    if (state === "lost") return `The broker ${broker} has been out of reach ${sinceText(since, false, now)}.`;
    if (this.status === null) return `Nothing says whether pbxbridge runs: the broker has no ${status}.`;
    if (this.status.text === "online") return null;
    return `pbxbridge has been disconnected from the broker ${sinceText(this.status.since, this.status.wasRetained, now)}.`;
  }

  /// The same for what comes from one PBX.
  troubleOf(pbx, now) {
    const link = [...this.links.values()].find((each) => each.pbx === pbx);
    if (!link) return `Nothing says whether PBX ${pbx} is connected: the broker has no bridge_link of it.`;
    if (link.state === "streaming") return null;
    const at = Date.parse(link.since);
    const since = Number.isNaN(at) ? "" : " " + sinceText(at, false, now);
    if (link.state === "refused") return `PBX ${pbx} has rejected pbxbridge${since}, which does not pass by itself.`;
    return `PBX ${pbx} has been disconnected${since}.`;
  }

  pbxs() {
    return new Set([...this.links.values(), ...this.documents.values()].map((each) => each.pbx));
  }

  /// `sentence`, and `isTrue(pbx)`: whether what comes from that PBX holds now.
  judge(now) {
    const general = this.generalTrouble(now);
    if (general !== null) return { sentence: general, isWell: false, isTrue: () => false };
    const troubles = new Map([...this.pbxs()].map((pbx) => [pbx, this.troubleOf(pbx, now)]));
    const sentences = [...troubles.values()].filter((each) => each !== null);
    if (troubles.size === 0) sentences.push("The broker has no state, and no bridge_link of any PBX.");
    return {
      sentence: sentences.length > 0 ? sentences.join(" ") : "All that is shown is live.",
      isWell: sentences.length === 0,
      isTrue: (pbx) => troubles.get(pbx) === null,
    };
  }
}

const documentTypes = ["bridge_link", "state_queue", "state_agent", "state_extension"];

/// Null where it is none of these.
function readDocument(text) {
  try {
    const read = JSON.parse(text);
    return documentTypes.includes(read?.event_type) ? read : null;
  } catch {
    return null;
  }
}
