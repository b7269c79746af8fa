#!/usr/bin/env bash
# The Debian package under a systemd of its own, in a container of systemd-nspawn that is a minimal Debian 12 without a network:
# readiness, credential, user, reload, watchdog, upgrade, stop. As root.
# Arguments: build tree, tar of the Debian (debootstrap --variant=minbase), package of the build tree as ./dev package makes it.
# Where no systemd can run in a container, the last line begins with "not tried" and says why, and the exit code is 0.
set -euo pipefail
build=$(realpath "$1") base=$(realpath "$2") package=$(realpath "$3")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/deploy/common.sh
source tests/deploy/debian_root.sh
container=''  # its first process
clean() {
  if [[ $container ]]; then kill -KILL "$container" 2>/dev/null || true; fi
  wait
  remove_root
}
trap clean EXIT
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  if [[ $container ]]; then inside journalctl --no-pager --lines 40 --unit pbxbridge >&2; fi
  exit 1
}
not_tried() {
  echo "not tried: the service under systemd, for $*"
  exit 0
}
inside() { nsenter --target "$container" --mount --uts --ipc --net --pid --cgroup --root --wd /usr/bin/env -i LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
property() { inside systemctl show --property "$1" --value pbxbridge; }
configure() {  # CHANGE: a bridge with its password in a credential, and what this script of sed makes of it
  configuration 127.0.0.1:8887 '{ type: file, path: /var/log/pbxbridge/out.ndjson }' '' 127.0.0.1:8686 |
    sed "s,password: secret,password_file: /run/credentials/pbxbridge.service/secret_pbx_password,; $1" >"$root/etc/pbxbridge/pbxbridge.yaml"
}
lines() { if [[ -e $root/var/log/pbxbridge/$1 ]]; then wc -l <"$root/var/log/pbxbridge/$1"; else echo 0; fi; }
has_lines() { (($(lines "$1") >= $2)); }

command -v systemd-nspawn >/dev/null || not_tried "there is no systemd-nspawn (Debian's package systemd-container)"
upgrade=$(next_package "$build")
make_root "$base"
cp "$package" "$upgrade" "$root/root/"
install_in_root systemd dbus "/root/$(basename "$package")"
leave_root
cp "$build/pbxbridge-sim" "$root/usr/bin/"
printf '[Service]\nExecStart=/usr/bin/pbxbridge-sim --listen 127.0.0.1:8887 --rate 50\n' >"$root/etc/systemd/system/simulator.service"
# A hang is noticed sooner, and a stop must ask for more time.
mkdir -p "$root/etc/systemd/system/pbxbridge.service.d"
printf '[Service]\nWatchdogSec=3s\nTimeoutStopSec=2s\n' >"$root/etc/systemd/system/pbxbridge.service.d/sooner.conf"
printf 'secret\n' >"$root/etc/pbxbridge/secrets/pbx_password"
chmod 600 "$root/etc/pbxbridge/secrets/pbx_password"
configure ''

# Where this machine's own first process is systemd, it is asked for a scope; else there is nobody to ask.
scope=(--register=no)
if [[ ! -d /run/systemd/system ]]; then scope+=(--keep-unit); fi
systemd-nspawn --quiet --directory "$root" --boot --private-network --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
  --machine "pbxbridge-test-$$" "${scope[@]}" >"$work/console" 2>&1 </dev/null &
nspawn=$!
booted() {
  container=$(pgrep --parent "$nspawn" --exact systemd) && [[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]
}
for ((try = 0; try < patience * 10; try++)); do
  if booted 2>/dev/null || ! kill -0 "$nspawn" 2>/dev/null; then break; fi
  sleep 0.1
done
booted 2>/dev/null || not_tried "no systemd starts in a container here: $(tail -n 1 "$work/console")"

# Started as the guide says.
inside systemctl start simulator
started=$(date +%s%N)
inside systemctl enable --now pbxbridge 2>"$work/enable" || fail "systemctl enable --now pbxbridge: $(<"$work/enable")"
ready=$((($(date +%s%N) - started) / 1000000))
[[ $(property Type) == notify && $(property SubState) == running ]] || fail "it is $(property SubState)"
inside pbxbridge health --config /etc/pbxbridge/pbxbridge.yaml >/dev/null || fail "it was not ready when systemd said so"
wait_for has_lines out.ndjson 20
process=$(property MainPID)
of_process() { inside sed -nE "s/^$1:\s*(\S+).*/\1/p" "/proc/$(property MainPID)/status"; }

# A user of its own without capabilities, who alone has the spool and the credential.
user=$(of_process Uid)
((user >= 61184 && user <= 65519)) || fail "it runs as $user, which is no dynamic user"
[[ $(of_process CapEff) == 0000000000000000 && $(of_process NoNewPrivs) == 1 && $(of_process Seccomp) == 2 ]] || fail "it is not confined"
[[ $(stat -c '%u %a' "$root/var/lib/private/pbxbridge") == "$user 700" && -L $root/var/lib/pbxbridge ]] || fail "the state directory"
inside setpriv --reuid 65534 --clear-groups cat /run/credentials/pbxbridge.service/secret_pbx_password 2>/dev/null && fail "others read the password"
exposure=$(inside systemd-analyze --no-pager security pbxbridge | grep -oE 'exposure level for pbxbridge.service: [0-9.]+' | grep -oE '[0-9.]+$')
[[ $exposure == 0.* || $exposure == 1.* ]] || fail "its exposure is $exposure"
grep -q "systemd-analyze security: $exposure" docs/guides/deploying.md || fail "the guide does not name the exposure $exposure"
tells_its_state() { [[ $(property StatusText) == "$(inside pbxbridge status --config /etc/pbxbridge/pbxbridge.yaml)" ]]; }
wait_for tells_its_state

# A reload with an error changes nothing; one without is taken by the same process.
configure 's/routes:/roots:/'
inside systemctl reload pbxbridge 2>/dev/null && fail "a reload takes a configuration with errors"
configure 's,^sinks: {,& second: { type: file\, path: /var/log/pbxbridge/second.ndjson }\,,; s,to: { sink: out },to: [{ sink: out }\, { sink: second }],'
inside systemctl reload pbxbridge || fail "a reload of $(<"$root/etc/pbxbridge/pbxbridge.yaml")"
wait_for has_lines second.ndjson 20
[[ $(property MainPID) == "$process" ]] || fail "a reload has started another process"
[[ $(inside journalctl --quiet --unit pbxbridge) != *'cannot be read'* ]] || fail "a reload does not see the credential"

# The watchdog is fed; a process that hangs is killed and started again.
fed=$(property WatchdogTimestampMonotonic)
fed_again() { (($(property WatchdogTimestampMonotonic) > fed)); }
wait_for fed_again
inside kill -STOP "$process"
is_another() { [[ $(property SubState) == running && $(property MainPID) != "$process" ]]; }
wait_for is_another
[[ $(inside journalctl --quiet --unit pbxbridge) == *'Watchdog timeout'* ]] || fail "it was not the watchdog that ended it"
wait_for has_lines out.ndjson $(($(lines out.ndjson) + 20))

# An upgrade restarts what runs.
process=$(property MainPID)
inside dpkg --install "/root/$(basename "$upgrade")" >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log"; fail "the upgrade"; }
is_another || fail "the upgrade has not restarted it"
[[ $(inside systemctl is-enabled pbxbridge) == enabled ]] || fail "the upgrade has disabled it"
wait_for has_lines out.ndjson $(($(lines out.ndjson) + 20))

# A stop that waits for a broker that is away, longer than TimeoutStopSec.
configure 's,^sinks: {,& away: { type: mqtt\, url: "mqtt://127.0.0.1:9" }\,,; s,to: { sink: out },to: [{ sink: out }\, { sink: away\, topic: t }],; $ a shutdown_timeout: 6s'
inside systemctl reload pbxbridge || fail "a reload of $(<"$root/etc/pbxbridge/pbxbridge.yaml")"
waits() { [[ $(inside pbxbridge status --json --config /etc/pbxbridge/pbxbridge.yaml) == *'"away"'* ]]; }
wait_for waits
wait_for has_lines out.ndjson $(($(lines out.ndjson) + 20))
started=$(date +%s%N)
inside systemctl stop pbxbridge
stopped=$((($(date +%s%N) - started) / 1000000))
[[ $(property Result) == success && $(property ExecMainStatus) == 0 ]] || fail "a stop ends as $(property Result), $(property ExecMainStatus)"
((stopped >= 3500 && stopped < 10000)) || fail "a stop took $stopped ms"
echo "under systemd $(inside systemctl --version | awk 'NR == 1 { print $2 }'): ready in $ready ms, exposure $exposure, reloaded, hung and restarted, upgraded, stopped in $stopped ms of the 6 s that it may take"
