// Connects the board to the broker, and shows it once a second and whenever something has come.
"use strict";

/// Reads the page's address. What stands behind # is not sent to the server that the page comes from.
function readSettings(address) {
  const given = new URLSearchParams(address.hash.slice(1));
  for (const [name, value] of new URLSearchParams(address.search)) given.append(name, value);
  const ownServer = address.protocol.replace("http", "ws") + "//" + address.host;
  return {
    broker: given.get("broker") || (address.host ? ownServer : "ws://127.0.0.1:9001"),
    prefix: given.get("prefix") || "pbx/+",
    status: given.get("status") || "pbxbridge/board/status",
    show: (given.get("show") || Object.keys(kinds).join()).split(",").filter((each) => Object.hasOwn(kinds, each)),
    late: Number(given.get("late")) || 60, // seconds
    username: given.get("username") || undefined,
    password: given.get("password") || undefined,
  };
}

function topicsOf({ prefix, status, show }) {
  return [status, `${prefix}/bridge_link`, ...show.map((each) => `${prefix}/${kinds[each].type}/#`)];
}

function connect(board, settings, changed) {
  const client = mqtt.connect(settings.broker, {
    username: settings.username, password: settings.password, resubscribe: false, reconnectOnConnackError: true,
    keepalive: 5, connectTimeout: 5000, reconnectPeriod: 1000, // a broker that is silent is noticed within ten seconds
    timerVariant: "native", // the other one needs scripts that the content security policy forbids
  });
  client.on("connect", () => {
    board.connected(Date.now());
    changed();
    const topics = topicsOf(settings);
    client.subscribe(topics, (error, _, answer) => {
      const rejected = topics.filter((each, index) => answer?.granted[index] >= 128);
      if (rejected.length > 0) board.rejected(`it does not grant ${rejected.join(", ")}`, Date.now());
      else if (error && client.connected) board.rejected(error.message, Date.now()); // no topics
      changed();
    });
  });
  client.on("message", (topic, payload, packet) => {
    board.receive(topic, new TextDecoder().decode(payload), packet.retain, Date.now());
    changed();
  });
  client.on("error", (error) => {
    if (error.code) board.rejected(error.message, Date.now()); // the reason of a CONNACK
    changed();
  });
  client.on("close", () => {
    board.disconnected(Date.now());
    changed();
  });
}

/// Without a change of the address, whose end may hold the account.
function goTo(id) {
  const section = document.getElementById(id);
  section.scrollIntoView();
  section.focus({ preventScroll: true });
}

function start() {
  const settings = readSettings(location);
  const board = new Board(settings, Date.now());
  for (const id of Object.keys(kinds)) {
    const isShown = settings.show.includes(id);
    document.getElementById(id).hidden = !isShown;
    const link = document.querySelector(`nav a[href="#${id}"]`);
    link.hidden = !isShown;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(id);
    });
  }
  const sections = settings.show.map((id) => new Section(id, settings));

  const draw = () => {
    const now = Date.now();
    const { sentence, isWell, isTrue } = board.judge(now);
    const place = document.getElementById("sentence");
    place.className = isWell ? "well" : "failing";
    show(place, isWell || board.documents.size === 0 ? sentence : sentence + " What is grey is from before.");
    for (const section of sections) section.show(board, now, isTrue);
    show(document.getElementById("clock"), clockText(now, now));
    const unreadable = document.getElementById("unreadable");
    unreadable.hidden = board.unreadable === 0;
    show(unreadable, `${board.unreadable} messages under these topics were no state.`);
  };

  let isAsked = false;
  const changed = () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      draw();
    }, 100); // many messages are drawn once
  };
  connect(board, settings, changed);
  setInterval(draw, 1000);
  draw();
}

start();
