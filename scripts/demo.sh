# The demonstration: a simulated PBX, pbxbridge and real brokers, each on a free port of 127.0.0.1, all ended with it.

demo_directory=
demo_interrupted=
demo_names=()
demo_processes=()

dev_demo() {
  local seconds='' kafka=''
  while (($# > 0)); do
    case $1 in
      --seconds) seconds=${2:-none} && shift ;;
      --kafka) kafka=yes ;;
      *) fail "demo knows --seconds N and --kafka, not '$1'" ;;
    esac
    shift
  done
  [[ $seconds =~ ^[0-9]*$ ]] || fail "--seconds takes a whole number, not '$seconds'"

  need "${build_packages[@]}" "${demo_packages[@]}"
  if [[ $kafka ]]; then
    need "${kafka_packages[@]}" kcat
    fetch_kafka
  fi
  build release pbxbridge pbxbridge-sim
  demo_directory=$(mktemp -d)
  trap end_demo EXIT
  trap 'demo_interrupted=yes' INT TERM
  start_mosquitto
  if [[ $kafka ]]; then start_kafka; fi
  start_simulator
  start_pbxbridge "${kafka:+-kafka}"
  if [[ $kafka ]]; then start_kafka_consumer; fi
  show_headline "$kafka"
  wait_for_end "$seconds"
  show_summary
}

# launch NAME COMMAND...: in a session of its own, so that Ctrl-C reaches only ./dev, which ends each in its order.
launch() {
  local name=$1
  shift
  : >"$demo_directory/$name.out"
  setsid "$@" >>"$demo_directory/$name.out" 2>"$log_directory/demo-$name.log" </dev/null &
  demo_names+=("$name")
  demo_processes+=("$!")
}

# show PREFIX NAME: what the process launched last writes, line by line, cut to the width of the terminal.
show() {
  local prefix=$1 file=$demo_directory/$2.out process=${demo_processes[-1]} width
  width=$(stty size 2>/dev/null </dev/tty | cut -d ' ' -f 2)
  tail -n +1 -f --pid="$process" "$file" |
    while IFS= read -r line; do printf '%s %s\n' "$prefix" "${line:0:${width:-160}-8}"; done &
}

# wait_until WHAT COMMAND...: tries for a minute, as long as the process launched last is alive.
wait_until() {
  local what=$1 deadline=$((SECONDS + 60))
  shift
  until "$@" 2>/dev/null; do
    [[ ! $demo_interrupted ]] || exit 130
    kill -0 "${demo_processes[-1]}" 2>/dev/null || fail_demo "${demo_names[-1]} ended before it was ready"
    ((SECONDS < deadline)) || fail_demo "$what is not there after a minute"
    sleep 0.1
  done
}

fail_demo() {
  tail -n 20 "$log_directory/demo-${demo_names[-1]}.log" >&2
  fail "$1. All that ${demo_names[-1]} said is in $log_directory/demo-${demo_names[-1]}.log."
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range from which the kernel takes the ports of outgoing connections.
free_port() {
  local port=$((20000 + RANDOM % 10000))
  while answers "$port"; do port=$((20000 + RANDOM % 10000)); done
  say "$port"
}

# It serves the wallboard, too. Without socket_domain mosquitto 2.0.11 listens for WebSockets on every address; without user it
# could not read this folder where root has started it.
start_mosquitto() {
  mqtt_port=$(free_port)
  wallboard_port=$(free_port)
  cat >"$demo_directory/mosquitto.conf" <<END
user root
allow_anonymous true
persistence false
listener $mqtt_port 127.0.0.1
listener $wallboard_port 127.0.0.1
protocol websockets
socket_domain ipv4
http_dir $PWD/examples/wallboard
END
  launch mosquitto mosquitto -c "$demo_directory/mosquitto.conf"
  wait_until mosquitto answers "$mqtt_port"
  wait_until "the wallboard" answers "$wallboard_port"
  launch mosquitto_sub mosquitto_sub -h 127.0.0.1 -p "$mqtt_port" -V 5 -q 1 -t 'pbx/#' -F '%t %p'
  show 'mqtt  →' mosquitto_sub
}

start_kafka() {
  kafka_port=$(free_port)
  prepare_kafka "$demo_directory/kafka" "$kafka_port" "$(free_port)" >"$log_directory/demo-kafka-format.log" 2>&1
  launch kafka "${kafka_java[@]}" kafka.Kafka "$demo_directory/kafka/server.properties"
  wait_until Kafka answers "$kafka_port"
}

# kcat takes a pattern only once a topic is like it; the sink makes them as it connects.
start_kafka_consumer() {
  wait_until "a Kafka topic of pbxbridge's" kafka_has_topic pbx.cdr.v1
  launch kcat kcat -b "127.0.0.1:$kafka_port" -X auto.offset.reset=earliest -u -q -f '%t %k %s\n' -G pbxbridge-demo '^pbx'
  show 'kafka →' kcat
}

kafka_has_topic() { kcat -b "127.0.0.1:$kafka_port" -L | grep -qF "\"$1\""; }

start_simulator() {
  launch pbxbridge-sim build/release/pbxbridge-sim --listen 127.0.0.1:0 --speed 1
  wait_until "the simulated PBX" grep -qE 'wss?://' "$demo_directory/pbxbridge-sim.out"
  pbx_url=$(grep -oE 'wss?://[^ ]+' "$demo_directory/pbxbridge-sim.out" | head -n 1)
}

# start_pbxbridge SUFFIX: with config/demo.yaml or config/demo-kafka.yaml.
start_pbxbridge() {
  admin_port=$(free_port)
  launch pbxbridge env "PBX_URL=$pbx_url" "MQTT_URL=mqtt://127.0.0.1:$mqtt_port" "KAFKA_BROKERS=127.0.0.1:${kafka_port:-}" \
    "ADMIN_LISTEN=127.0.0.1:$admin_port" "PBXBRIDGE_SPOOL=$demo_directory/spool" build/release/pbxbridge run --config "config/demo$1.yaml"
  show 'pbx   →' pbxbridge
  wait_until "pbxbridge's admin endpoint" answers "$admin_port"
}

show_headline() {
  say
  say "pbxbridge is running: simulated PBX ($pbx_url) → pbxbridge → mosquitto (127.0.0.1:$mqtt_port)${1:+ and Kafka (127.0.0.1:$kafka_port)}"
  say "  page       http://127.0.0.1:$admin_port/"
  say "  wallboard  http://127.0.0.1:$wallboard_port/index.html"
  say "  metrics    http://127.0.0.1:$admin_port/metrics"
  say "  subscribe  mosquitto_sub -p $mqtt_port -t 'pbx/#' -v"
  say "  logs       $log_directory/demo-*.log"
  say "  end        Ctrl-C"
  say
}

wait_for_end() {
  local seconds=$1 started=$SECONDS i
  until [[ $demo_interrupted ]] || { [[ $seconds ]] && ((SECONDS - started >= seconds)); }; do
    sleep 0.5
    for i in "${!demo_processes[@]}"; do
      kill -0 "${demo_processes[i]}" 2>/dev/null || [[ $demo_interrupted ]] ||
        fail "${demo_names[i]} ended by itself. What it said is in $log_directory/demo-${demo_names[i]}.log."
    done
  done
}

# Prints the counts of pbxbridge's own metrics, and what each subscriber got. No event at all is a failure.
show_summary() {
  local metrics accepted subscriber received summary nothing=''
  end_simulator
  metrics=$(http_get "$admin_port" /metrics)
  end_processes
  accepted=$(sum_metric pbxbridge_events_accepted_total "$metrics")
  summary="$accepted events accepted, those of pbxbridge's own included; delivered: $(delivered_by_sink "$metrics")"
  for subscriber in mosquitto_sub kcat; do
    [[ " ${demo_names[*]} " == *" $subscriber "* ]] || continue
    received=$(grep -c '' "$demo_directory/$subscriber.out")
    summary+="; received: $received by $subscriber"
    ((received > 0)) || nothing=yes
  done
  say
  say "$summary."
  ((accepted > 0)) && [[ ! $nothing ]] || fail "not everybody got an event. See $log_directory/demo-*.log."
}

# Ends the simulator, so that nothing is on its way while it is counted.
end_simulator() {
  local i
  for i in "${!demo_names[@]}"; do
    [[ ${demo_names[i]} == pbxbridge-sim ]] && kill "${demo_processes[i]}" 2>/dev/null
  done
  sleep 0.5
}

http_get() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
  cat <&3
  exec 3>&-
}

sum_metric() { awk -v name="$1" 'index($0, name) == 1 { sum += $NF } END { printf "%d", sum }' <<<"$2"; }

delivered_by_sink() {
  awk '/^pbxbridge_events_delivered_total/ && match($0, /sink="[^"]*"/) {
      printf "%s%d to %s", separator, $NF, substr($0, RSTART + 6, RLENGTH - 7); separator = ", "
    }' <<<"$1"
}

# The last started first: pbxbridge before the brokers that it says good-bye to. Returns when all that was written is shown.
end_processes() {
  local i
  for ((i = ${#demo_processes[@]} - 1; i >= 0; i--)); do
    kill "${demo_processes[i]}" 2>/dev/null
    wait "${demo_processes[i]}" 2>/dev/null
  done
  demo_processes=()
  wait
}

end_demo() {
  end_processes
  rm -rf "$demo_directory"
}
