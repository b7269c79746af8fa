#!/usr/bin/env bash
# docker-compose.yml on a container engine ($DOCKER_HOST), with the images pbxbridge and pbxbridge-sim, mosquitto and Prometheus from
# Debian, and Kafka of the jars that the other tests run: up to healthy, events outside of the containers, a kill, the metrics in
# Prometheus, the profile kafka.
# Not checked here, for their images come from a registry: Grafana and the UI of Kafka; compose v2, which Debian 12 lacks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/deploy/common.sh
work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=pbxbridge-test-$$
export MOSQUITTO_IMAGE=pbxbridge-test-mosquitto PROMETHEUS_IMAGE=pbxbridge-test-prometheus KAFKA_IMAGE=pbxbridge-test-kafka
export MQTT_PORT=0 WALLBOARD_PORT=0 PBXBRIDGE_PORT=0 PROMETHEUS_PORT=0 GRAFANA_PORT=0 KAFKA_UI_PORT=0  # the engine chooses
clean() {
  end_children
  docker-compose --profile kafka down --volumes --timeout 1 >"$work/down" 2>&1 || cat "$work/down" >&2
  rm -rf "$work"
}
trap clean EXIT
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  docker-compose logs --tail 20 >&2
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

id_of() { docker-compose ps -q "$1"; }
healthy() { [[ $(docker inspect --format '{{.State.Health.Status}}' "$(id_of "$1")") == healthy ]]; }
address_of() { docker-compose port "$1" "$2"; }
docker-compose up --no-build --detach simulator mosquitto pbxbridge prometheus || fail "docker-compose up"
for service in mosquitto pbxbridge prometheus; do wait_for healthy "$service"; done

broker=$(address_of mosquitto 1883)
[[ $broker == 127.0.0.1:* ]] || fail "mosquitto is published as $broker"
mosquitto_sub -h 127.0.0.1 -p "${broker#*:}" -t 'pbx/#' -v >"$work/events" &
arrived() { (($(wc -l <"$work/events") >= $1)); }
wait_for arrived 10
curl -sf "http://$(address_of mosquitto 9001)/index.html" | grep -q wallboard.js || fail "mosquitto does not serve the wallboard"
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
docker-compose --profile kafka up --no-build --detach kafka pbxbridge || fail "docker-compose --profile kafka up"
for service in kafka pbxbridge; do wait_for healthy "$service"; done
docker run --rm --network "${COMPOSE_PROJECT_NAME}_default" "$KAFKA_IMAGE" \
  timeout "$patience" kcat -b kafka:9092 -C -q -t pbx.extension.v1 -o beginning -c 10 -f '%k\n' >"$work/records" || fail "no events in Kafka"

started=$(date +%s%N)
docker-compose stop pbxbridge >/dev/null 2>&1
[[ $(docker inspect --format '{{.State.ExitCode}}' "$(id_of pbxbridge)") == 0 ]] || fail "SIGTERM does not end it with 0"
echo "compose: healthy, $(wc -l <"$work/events") events seen outside, a kill survived, scraped, $(wc -l <"$work/records") records in Kafka, stopped in $((($(date +%s%N) - started) / 1000000)) ms; not checked: Grafana, the UI of Kafka, compose v2"
