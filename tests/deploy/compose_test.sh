#!/usr/bin/env bash
# docker-compose.yml on a container engine ($DOCKER_HOST), with the images pbxbridge and pbxbridge-sim, mosquitto and Prometheus from
# Debian, and Kafka of the jars that the other tests run: up to healthy, events outside of the containers, a kill, the metrics in
# Prometheus, the profile kafka. Argument: docker-compose, of either version.
# Not checked here, for their images come from a registry: Grafana and the UI of Kafka.
set -euo pipefail
compose=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/deploy/common.sh
work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=pbxbridge-test-$$
export MOSQUITTO_IMAGE=pbxbridge-test-mosquitto PROMETHEUS_IMAGE=pbxbridge-test-prometheus KAFKA_IMAGE=pbxbridge-test-kafka
export MQTT_PORT=0 WALLBOARD_PORT=0 PBXBRIDGE_PORT=0 PROMETHEUS_PORT=0 GRAFANA_PORT=0 KAFKA_UI_PORT=0  # the engine chooses
clean() {
  end_children
  "$compose" --profile kafka down --volumes --timeout 1 >"$work/down" 2>&1 || cat "$work/down" >&2
  rm -rf "$work"
}
trap clean EXIT
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  "$compose" logs --tail 20 >&2
  exit 1
}

docker build -q --network host -t "$MOSQUITTO_IMAGE" - >/dev/null <<'END'
FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends mosquitto mosquitto-clients
END
docker build -q --network host -t "$PROMETHEUS_IMAGE" - >/dev/null <<'END'
FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends prometheus wget
ENTRYPOINT ["/usr/bin/prometheus"]
END
mkdir "$work/kafka"
cp -r .cache/kafka "$work/kafka/libs"
cp tests/deploy/kafka/* "$work/kafka/"
docker build -q --network host -t "$KAFKA_IMAGE" "$work/kafka" >/dev/null

id_of() { "$compose" ps --all -q "$1"; }
healthy() { [[ $(docker inspect --format '{{.State.Health.Status}}' "$(id_of "$1")") == healthy ]]; }
address_of() { "$compose" port "$1" "$2"; }
"$compose" up --no-build --detach simulator mosquitto pbxbridge prometheus || fail "$compose up"
for service in mosquitto pbxbridge prometheus; do wait_for healthy "$service"; done

broker=$(address_of mosquitto 1883)
[[ $broker == 127.0.0.1:* ]] || fail "mosquitto is published as $broker"
mosquitto_sub -h 127.0.0.1 -p "${broker#*:}" -t 'pbx/#' -v >"$work/events" &
arrived() { (($(wc -l <"$work/events") >= $1)); }
wait_for arrived 10

# The wallboard: the page, the WebSocket on which it reads, what it reads.
page=http://$(address_of mosquitto 9001)
for file in $(cd examples/wallboard && find . -type f -printf '%P\n'); do
  curl -sf "$page/$file" | cmp - "examples/wallboard/$file" || fail "mosquitto does not serve $file of the wallboard"
done
upgraded=$(curl -si --http1.1 --max-time 1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
  -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' -H 'Sec-WebSocket-Protocol: mqtt' "$page/" | head -n 1 || true)
[[ $upgraded == *' 101 '* ]] || fail "mosquitto does not take the wallboard's WebSocket: $upgraded"
for kind in state_queue state_extension state_agent; do
  timeout "$patience" mosquitto_sub -h 127.0.0.1 -p "${broker#*:}" -t "pbx/+/$kind/#" --retained-only -C 1 >"$work/state" || fail "no $kind is retained"
done

docker kill "$(id_of pbxbridge)" >/dev/null
docker start "$(id_of pbxbridge)" >/dev/null
wait_for healthy pbxbridge
wait_for arrived $(($(wc -l <"$work/events") + 10))

metrics=$(address_of prometheus 9090)
scraped() { curl -sf "http://$metrics/api/v1/query?query=pbxbridge_build_info" | grep -q '"version"'; }
wait_for scraped
curl -sf "http://$metrics/api/v1/rules" | grep -q PbxbridgeAbsent || fail "Prometheus has no alerts"
admin=$(address_of pbxbridge 8686)
curl -sf "http://$admin/readyz" >/dev/null || fail "the admin endpoint is not reached from this machine"

# Kafka is not published: whoever reads it is in the network.
export PBXBRIDGE_CONFIG=demo-kafka.yaml
"$compose" --profile kafka up --no-build --detach kafka pbxbridge || fail "$compose --profile kafka up"
for service in kafka pbxbridge; do wait_for healthy "$service"; done
docker run --rm --network "${COMPOSE_PROJECT_NAME}_default" "$KAFKA_IMAGE" \
  timeout "$patience" kcat -b kafka:9092 -C -q -t pbx.extension.v1 -o beginning -c 10 -f '%k\n' >"$work/records" || fail "no events in Kafka"

started=$(date +%s%N)
"$compose" stop pbxbridge >/dev/null 2>&1
[[ $(docker inspect --format '{{.State.ExitCode}}' "$(id_of pbxbridge)") == 0 ]] || fail "SIGTERM does not end it with 0"
echo "${compose##*/}: healthy, $(wc -l <"$work/events") events seen outside, a kill survived, scraped, $(wc -l <"$work/records") records in Kafka, stopped in $((($(date +%s%N) - started) / 1000000)) ms; not checked: Grafana, the UI of Kafka"
