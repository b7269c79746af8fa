# Progress of ./dev: one line for each step with the time it took; the step's own output is in build/log/.

log_directory=build/log

say() { printf '%s\n' "$*"; }

fail() {
  printf './dev: %s\n' "$*" >&2
  exit 1
}

# elapsed SINCE: the time since then ($SECONDS of that moment), for people.
elapsed() {
  local seconds=$((SECONDS - $1))
  if ((seconds < 60)); then printf '%d s' "$seconds"; else printf '%d min %02d s' $((seconds / 60)) $((seconds % 60)); fi
}

# Shows alongside a running step its time and the last line of its log; every second on a terminal, else every half minute.
watch_step() {
  local title=$1 log=$2 parent=$3 started=$SECONDS last
  while sleep 1 && kill -0 "$parent" 2>/dev/null; do
    last=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | cut -c 1-70)
    if [[ -t 1 ]]; then
      printf '\r\033[K  %s … %s  %s' "$title" "$(elapsed "$started")" "$last"
    elif (((SECONDS - started) % 30 == 0)); then
      say "  $title … $(elapsed "$started")  $last"
    fi
  done
}

# step TITLE LOG COMMAND...: runs the command quietly. Where it fails, the end of its log is shown and ./dev ends.
# The command is in the foreground, so that Ctrl-C reaches it.
step() {
  local title=$1 log=$log_directory/$2.log started=$SECONDS status=0 watcher
  shift 2
  mkdir -p "$log_directory"
  : >"$log"
  [[ -t 1 ]] || say "  $title …"
  watch_step "$title" "$log" $$ &
  watcher=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  [[ -t 1 ]] && printf '\r\033[K'
  if ((status != 0)); then
    tail -n 40 "$log" >&2
    fail "$title failed after $(elapsed "$started"). All it said is in $log."
  fi
  say "  $title: $(elapsed "$started")"
}
