#!/usr/bin/env bash
# The images pbxbridge and pbxbridge-sim on a container engine ($DOCKER_HOST), which needs no network of its own: what is in them,
# the user, the health, a stop, a kill. Prints the sizes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/deploy/common.sh
patience=40
work=$(mktemp -d)
chmod 755 "$work"
mark=pbxbridge-test-$$
clean() {
  docker ps -aq --filter "name=$mark" | xargs -r docker rm -f >/dev/null
  rm -rf "$work"
}
trap clean EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
hardened=(--network host --read-only --cap-drop ALL --security-opt no-new-privileges)

# The files of the image.
docker create --name "$mark-files" pbxbridge >/dev/null
mkdir "$work/files"
docker export "$mark-files" | tar -x -C "$work/files"
bytes=$(docker image inspect --format '{{.Size}}' pbxbridge)
((bytes < 60000000)) || fail "the image has $bytes bytes"
for absent in bin/sh usr/bin/dash usr/bin/apt usr/bin/dpkg usr/bin/perl var/lib/dpkg; do
  [[ ! -e $work/files/$absent ]] || fail "/$absent is in the image"
done
cmp -s deploy/debian/copyright "$work/files/usr/share/doc/pbxbridge/copyright" || fail "the program's copyright file is not in the image"
python3 - "$work/files/usr/share/doc/pbxbridge/sbom.spdx.json" "$work/files/usr/share/doc" <<'END'
import json, pathlib, re, sys
sbom = json.load(open(sys.argv[1]))
assert sbom["spdxVersion"] == "SPDX-2.3" and sbom["dataLicense"] == "CC0-1.0" and sbom["documentNamespace"]
packages = {package["SPDXID"]: package for package in sbom["packages"]}
assert len(packages) == len(sbom["packages"])
for package in packages.values():
    assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"]) and package["versionInfo"] and package["downloadLocation"]
    assert package["externalRefs"][0]["referenceLocator"].startswith("pkg:"), package
for relationship in sbom["relationships"]:
    assert relationship["relatedSpdxElement"] in packages, relationship
names = {package["name"] for package in packages.values()}
assert {"libssl3", "librdkafka1", "librocksdb7.8", "libc6", "ca-certificates", "tzdata", "Boost", "dygraphs"} <= names, names
documented = {path.name for path in pathlib.Path(sys.argv[2]).iterdir()} - {"pbxbridge"}
assert documented == {p["name"] for p in packages.values() if "pkg:deb" in p["externalRefs"][0]["referenceLocator"]}
END
[[ $(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.version"}}' pbxbridge) == \
   "$(docker run --rm "${hardened[@]}" pbxbridge --version | cut -d ' ' -f 2)" ]] || fail "the label has another version"
[[ $(docker image inspect --format '{{.Config.StopSignal}} {{.Config.User}}' pbxbridge) == "SIGTERM 65532:65532" ]] || fail "signal, user"

# A PBX, and pbxbridge whose sink is away.
docker run -d --name "$mark-sim" "${hardened[@]}" pbxbridge-sim --listen 127.0.0.1:0 --rate 50 >/dev/null
address() { docker logs "$mark-sim" 2>&1 | grep -oE '127\.0\.0\.1:[0-9]+' | head -n 1; }
wait_for address
admin=127.0.0.1:$(free_port)
configure() {  # SINK DESTINATION
  configuration "$(address)" "$1" "$2" "$admin" >"$work/pbxbridge.yaml"
  chmod 644 "$work/pbxbridge.yaml"
}
run_bridge() {  # NAME ARGUMENT...
  local name=$1
  shift
  docker run -d --name "$mark-$name" "${hardened[@]}" --health-interval 1s -v "$work/pbxbridge.yaml:/etc/pbxbridge/pbxbridge.yaml:ro" "$@" pbxbridge >/dev/null
}
healthy() { [[ $(docker inspect --format '{{.State.Health.Status}}' "$mark-$1") == healthy ]]; }
exit_code() { docker wait "$mark-$1"; }
events() { docker exec "$mark-$1" /usr/bin/pbxbridge spool stat --json --config /etc/pbxbridge/pbxbridge.yaml | spooled_events; }
has_events() { (($(events "$1") >= 20)); }
delivered() { [[ -e $work/spool/out.ndjson ]] && (($(wc -l <"$work/spool/out.ndjson") >= $1)); }

configure '{ type: mqtt, url: "mqtt://127.0.0.1:9" }' ', topic: t'
# A volume that this user may not write.
mkdir -m 755 "$work/closed"
run_bridge closed --user 12345:12345 -v "$work/closed:/var/lib/pbxbridge"
[[ $(exit_code closed) == 74 ]] || fail "with a volume that it may not write it does not end with 74"
docker logs "$mark-closed" 2>&1 | grep spool.failed | grep -q /var/lib/pbxbridge || fail "it does not say where it may not write"
docker logs "$mark-closed" 2>&1 | grep spool.failed | grep -q 12345 || fail "it does not say as whom"
# A user of any number in group 0, with a volume that the engine makes.
run_bridge anyone --user 12345:0 -v /var/lib/pbxbridge
wait_for healthy anyone
docker stop -t 20 "$mark-anyone" >/dev/null
[[ $(exit_code anyone) == 0 ]] || fail "SIGTERM does not end it with 0"

# Killed, and started again: nothing of what it had accepted is lost.
mkdir -m 700 "$work/spool"
chown 65532:65532 "$work/spool"
run_bridge killed -v "$work/spool:/var/lib/pbxbridge"
wait_for healthy killed
wait_for has_events killed
waiting=$(events killed)
docker kill "$mark-killed" >/dev/null
configure '{ type: file, path: /var/lib/pbxbridge/out.ndjson }' ''
started=$(date +%s%N)
run_bridge again -v "$work/spool:/var/lib/pbxbridge"
until docker logs "$mark-again" 2>&1 | grep -q process.started; do sleep 0.01; done
milliseconds=$((($(date +%s%N) - started) / 1000000))
wait_for delivered "$waiting"
# The kernel's word, read within the container: the user, no capability, a root that cannot be written.
inside=$(docker run --rm --user 65532:65532 --cap-drop ALL --pid "container:$mark-again" debian:12-slim cat /proc/1/status /proc/1/mountinfo)
[[ $inside == *$'\nUid:\t65532\t65532\t65532\t65532\n'* ]] || fail "it runs as another user: $inside"
[[ $inside == *$'\nCapEff:\t0000000000000000\n'* ]] || fail "it has capabilities: $inside"
[[ $inside == *$'\nNoNewPrivs:\t1\n'* ]] || fail "it can gain privileges: $inside"
grep -qE '^[0-9]+ [0-9]+ [0-9]+:[0-9]+ [^ ]+ / ro,' <<<"$inside" || fail "its root can be written: $inside"
docker stop -t 20 "$mark-again" >/dev/null
[[ $(exit_code again) == 0 ]] || fail "it does not end with 0"

du -b "$work/files/usr/bin/pbxbridge" "$work"/files/usr/lib/*/*.so* | sort -n | sed "s,$work/files,," | tail -n 6
echo "image: $bytes bytes; $(find "$work/files" -type f | wc -l) files; started in $milliseconds ms with the engine's own time; $waiting events outlived a kill"
