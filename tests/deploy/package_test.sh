#!/usr/bin/env bash
# The Debian package on a minimal Debian 12: installed, run, upgraded with a spool in place, removed, purged. As root, in a chroot.
# Arguments: build tree, tar of the Debian (debootstrap --variant=minbase), package of the build tree as ./dev package makes it.
# Not checked here: the start by systemd itself, for a chroot has none; tests/deploy/systemd_tests.py checks the unit.
set -euo pipefail
build=$(realpath "$1") base=$(realpath "$2") old=$(realpath "$3")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/deploy/common.sh
patience=30
work=$(mktemp -d) root=$work/root
clean() {
  end_children
  for mount in proc dev; do if mountpoint -q "$root/$mount"; then umount -l "$root/$mount"; fi; done
  rm -rf --one-file-system "$work"
}
trap clean EXIT

# The next one, for the upgrade.
cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/packages" -D CPACK_DEBIAN_PACKAGE_RELEASE=2 >"$work/cpack.log" ||
  { cat "$work/cpack.log"; fail "cpack"; }
new=$(ls "$work"/packages/*-2_*.deb)
lintian --allow-root --fail-on error "$new" || fail "lintian finds errors"

# An installed program works wherever its prefix is moved to.
cmake --install "$build" --component runtime --prefix "$work/prefix" >"$work/install.log"
mv "$work/prefix" "$work/moved"
"$work/moved/bin/pbxbridge" check --config "$work/moved/share/doc/pbxbridge/examples/demo.yaml" >/dev/null || fail "the moved program"

scripts/unpack-debian "$base" "$root"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
mount -t proc proc "$root/proc"
in_root=(chroot "$root" /usr/bin/env -i DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin)
inside() { "${in_root[@]}" "$@"; }
# As systemd runs it: a user of its own that owns the spool alone. In place of the shell, so that $! is its own id.
run_service() { exec "${in_root[@]}" setpriv --reuid 64999 --regid 64999 --clear-groups pbxbridge run --config /etc/pbxbridge/pbxbridge.yaml; }

cp "$old" "$new" "$root/tmp/"
inside apt-get -q update >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "apt-get update"; }
inside apt-get -qy install --no-install-recommends "/tmp/$(basename "$old")" >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "apt-get install"; }
grep -q 'systemctl enable --now pbxbridge' "$work/apt.log" || fail "the installation does not say what to do next"
inside pbxbridge check --config /etc/pbxbridge/pbxbridge.yaml >/dev/null || fail "the starter has errors"
[[ $(inside dpkg-query -W -f "\${Conffiles}" pbxbridge) == *" /etc/pbxbridge/pbxbridge.yaml "* ]] || fail "no conffile"
[[ $(stat -c %a "$root/etc/pbxbridge/secrets") == 700 ]] || fail "the secrets are open"
enabled=$root/etc/systemd/system/multi-user.target.wants/pbxbridge.service
[[ ! -L $enabled ]] || fail "it is enabled before it is configured"
mkdir -p "$(dirname "$enabled")"
ln -s /lib/systemd/system/pbxbridge.service "$enabled"  # as `systemctl enable` does

"$build/pbxbridge-sim" --listen 127.0.0.1:0 --rate 50 >"$work/simulator.log" 2>&1 &
wait_for grep -q 127.0.0.1: "$work/simulator.log"
address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$work/simulator.log" | head -n 1)
configure() { configuration "$address" "$1" "$2" '' >"$root/etc/pbxbridge/pbxbridge.yaml"; }  # SINK DESTINATION
events() { inside pbxbridge spool stat --json --config /etc/pbxbridge/pbxbridge.yaml | spooled_events; }
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

inside apt-get -qy install --no-install-recommends "/tmp/$(basename "$new")" >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "the upgrade"; }
[[ $(inside dpkg-query -W -f "\${Version}" pbxbridge) == *-2 ]] || fail "the upgrade has left the old version"
[[ -L $enabled ]] || fail "the upgrade has disabled it"
grep -q 127.0.0.1:9 "$root/etc/pbxbridge/pbxbridge.yaml" || fail "the upgrade has changed the configuration"
configure '{ type: file, path: /var/lib/pbxbridge/out.ndjson }' ''
run_service 2>"$work/run2.log" &
bridge=$!
wait_for delivered "$waiting"
kill -TERM "$bridge"
wait "$bridge" || fail "it did not end with 0: $(cat "$work/run2.log")"

inside apt-get -qy remove pbxbridge >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "the removal"; }
[[ ! -e $root/usr/bin/pbxbridge && -e $root/etc/pbxbridge/pbxbridge.yaml && -d $root/var/lib/pbxbridge ]] || fail "the removal"
inside dpkg --purge pbxbridge >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "the purge"; }
left=$(find "$root"/{etc,usr,var/lib,var/log} -xdev -name '*pbxbridge*' ! -path '*/var/lib/apt/*')
[[ -z $left ]] || fail "the purge has left $left"
echo "installed, run, upgraded with $waiting events in the spool, all delivered, removed, purged; the start by systemd was not checked"
