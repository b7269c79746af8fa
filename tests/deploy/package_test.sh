#!/usr/bin/env bash
# The Debian package on a minimal Debian 12: installed, run, upgraded with a spool in place, removed, purged. As root, in a chroot.
# Arguments: build tree, tar of the Debian (debootstrap --variant=minbase), package of the build tree as ./dev package makes it.
# The start by systemd is in service_test.sh.
set -euo pipefail
build=$(realpath "$1") base=$(realpath "$2") old=$(realpath "$3")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/deploy/common.sh
patience=30
source tests/deploy/debian_root.sh
clean() {
  end_children
  remove_root
}
trap clean EXIT

new=$(next_package "$build")
lintian --allow-root --fail-on error "$new" || fail "lintian finds errors"

# An installed program works wherever its prefix is moved to.
cmake --install "$build" --component runtime --prefix "$work/prefix" >"$work/install.log"
mv "$work/prefix" "$work/moved"
"$work/moved/bin/pbxbridge" check --config "$work/moved/share/doc/pbxbridge/examples/demo.yaml" >/dev/null || fail "the moved program"

make_root "$base"
# As systemd runs it: a user of its own that owns the spool alone. In place of the shell, so that $! is its own id.
run_service() { exec "${enter_root[@]}" setpriv --reuid 64999 --regid 64999 --clear-groups pbxbridge run --config /etc/pbxbridge/pbxbridge.yaml; }

cp "$old" "$new" "$root/tmp/"
install_in_root "/tmp/$(basename "$old")"
grep -q 'systemctl enable --now pbxbridge' "$work/apt.log" || fail "the installation does not say what to do next"
in_root pbxbridge check --config /etc/pbxbridge/pbxbridge.yaml >/dev/null || fail "the starter has errors"
[[ $(in_root dpkg-query -W -f "\${Conffiles}" pbxbridge) == *" /etc/pbxbridge/pbxbridge.yaml "* ]] || fail "no conffile"
grep -q 'password_file: /run/credentials/pbxbridge.service/secret_pbx_password' "$root/etc/pbxbridge/pbxbridge.yaml" || fail "the credential"
diff -r -x README.md examples/wallboard "$root/usr/share/pbxbridge/wallboard" || fail "the wallboard"
[[ -z $(find "$root/usr/share/pbxbridge" ! -perm -a=r) ]] || fail "a web server cannot read the wallboard"
grep -qx 'Files: usr/share/pbxbridge/wallboard/vendor/mqtt.min.js' "$root/usr/share/doc/pbxbridge/copyright" || fail "the licence of MQTT.js"
[[ $(stat -c %a "$root/etc/pbxbridge/secrets") == 700 ]] || fail "the secrets are open"
enabled=$root/etc/systemd/system/multi-user.target.wants/pbxbridge.service
[[ ! -L $enabled ]] || fail "it is enabled before it is configured"
mkdir -p "$(dirname "$enabled")"
ln -s /lib/systemd/system/pbxbridge.service "$enabled"  # as `systemctl enable` does

"$build/pbxbridge-sim" --listen 127.0.0.1:0 --rate 50 >"$work/simulator.log" 2>&1 &
wait_for grep -q 127.0.0.1: "$work/simulator.log"
address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$work/simulator.log" | head -n 1)
configure() { configuration "$address" "$1" "$2" '' >"$root/etc/pbxbridge/pbxbridge.yaml"; }  # SINK DESTINATION
events() { in_root pbxbridge spool stat --json --config /etc/pbxbridge/pbxbridge.yaml | spooled_events; }
has_events() { (($(events) >= 20)); }
delivered() { [[ -e $root/var/lib/pbxbridge/out.ndjson ]] && (($(wc -l <"$root/var/lib/pbxbridge/out.ndjson") >= $1)); }

install -d -m 700 -o 64999 -g 64999 "$root/var/lib/pbxbridge"
configure '{ type: mqtt, url: "mqtt://127.0.0.1:9" }' ', topic: t'
run_service 2>"$work/run1.log" &
bridge=$!
wait_for has_events
kill -9 "$bridge"
exit_code=0
wait "$bridge" || exit_code=$?
((exit_code == 128 + 9)) || fail "it ended with $exit_code before it was killed: $(cat "$work/run1.log")"
waiting=$(events)

install_in_root "/tmp/$(basename "$new")"
[[ $(in_root dpkg-query -W -f "\${Version}" pbxbridge) == *-2 ]] || fail "the upgrade has left the old version"
[[ -L $enabled ]] || fail "the upgrade has disabled it"
grep -q 127.0.0.1:9 "$root/etc/pbxbridge/pbxbridge.yaml" || fail "the upgrade has changed the configuration"
configure '{ type: file, path: /var/lib/pbxbridge/out.ndjson }' ''
run_service 2>"$work/run2.log" &
bridge=$!
wait_for delivered "$waiting"
kill -TERM "$bridge"
wait "$bridge" || fail "it did not end with 0: $(cat "$work/run2.log")"

in_root apt-get -qy remove pbxbridge >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "the removal"; }
[[ ! -e $root/usr/bin/pbxbridge && -e $root/etc/pbxbridge/pbxbridge.yaml && -d $root/var/lib/pbxbridge ]] || fail "the removal"
in_root dpkg --purge pbxbridge >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "the purge"; }
left=$(find "$root"/{etc,usr,var/lib,var/log} -xdev -name '*pbxbridge*' ! -path '*/var/lib/apt/*')
[[ -z $left ]] || fail "the purge has left $left"
echo "installed, run, upgraded with $waiting events in the spool, all delivered, removed, purged"
