#!/usr/bin/env bash
# Sourced by the tests of this folder.

patience=60  # seconds that a wait may take

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# wait_for COMMAND...: tries until it succeeds.
wait_for() {
  local try
  for ((try = 0; try < patience * 10; try++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  fail "in vain: $*"
}

# end_children: the processes that this shell has started and that still run.
end_children() {
  local child
  for child in $(jobs -rp); do kill "$child"; done
}

# configuration PBX SINK DESTINATION ADMIN: of a bridge with one sink, of which every event is.
configuration() {
  cat <<END
pbx: [{ name: hq, url: "ws://$1/wsi", auth: { username: bridge, domain: example.test, password: secret }, subscribe: [{ topic: cdr_events }, { topic: extension_events, extensions: ["101", "102"] }] }]
sinks: { out: $2 }
routes: [{ match: {}, to: { sink: out$3 } }]
admin: { listen: "$4" }
END
}

# The number of events in what `spool stat --json` prints.
spooled_events() { grep -oE '"events": ?[0-9]+' | head -n 1 | grep -oE '[0-9]+$'; }
