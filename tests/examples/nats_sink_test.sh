#!/usr/bin/env bash
# examples/nats-sink as its author would build it: from an installed prefix, as a plug-in and as a pbxbridge of its own,
# and through the installed conformance suite on a real nats-server. Arguments: source tree, build tree.
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
cmake -G Ninja -S "$source/examples/nats-sink" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Debug >"$work/configure.log" ||
  { cat "$work/configure.log"; exit 1; }
cmake --build "$work/build" -j 2

cat >"$work/bridge.yaml" <<END
pbx: [{ name: hq, url: "wss://pbx.example.com/wsi", auth: { username: a, password_file: /run/secrets/p }, subscribe: [{ topic: cdr_events }] }]
sinks: { stream: { type: nats, url: "nats://nats:4222" } }
routes: [{ match: {}, to: { sink: stream, topic: "pbx.{family}", format: raw } }]
END
# A pbxbridge of its own.
"$work/build/pbxbridge-nats" check --config "$work/bridge.yaml" | grep -F 'stream (nats)'
# A plug-in of the pbxbridge that is installed.
echo "plugins: [$work/build/nats.so]" >>"$work/bridge.yaml"
chmod -R go-w "$work"
"$work/prefix/bin/pbxbridge" check --config "$work/bridge.yaml" | grep -F 'stream (nats)'
"$work/prefix/bin/pbxbridge" reference configuration --config "$work/bridge.yaml" | grep '## Sink type .nats.'
# It says where it leads, and not as whom.
sed 's,nats://nats:4222,nats://me:sesame@nats,' "$work/bridge.yaml" >"$work/account.yaml"
for file in bridge account; do
  "$work/prefix/bin/pbxbridge" reference asyncapi --config "$work/$file.yaml" >"$work/asyncapi.json"
  grep -F '"host": "nats:4222"' "$work/asyncapi.json"
  ! grep -F sesame "$work/asyncapi.json" || exit 1
done
# The rules of its subjects hold.
sed 's/pbx.{family}/pbx..{family}/' "$work/bridge.yaml" >"$work/wrong.yaml"
! "$work/prefix/bin/pbxbridge" check --config "$work/wrong.yaml" 2>"$work/errors" || exit 1
grep -F 'has an empty level' "$work/errors"

"$work/build/nats_conformance_tests"
