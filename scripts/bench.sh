# Measuring: pbxbridge beside what people would use instead.

bench_programs=(pbxbridge pbxbridge-sim bench-events bench-kafka-reader bench-mqtt-reader)

dev_bench() {
  local quick='' no_peers='' parts=() argument
  for argument in "$@"; do
    case $argument in
      --help | -h) exec env PYTHONPATH=tests/bench python3 -B -m runner --help ;;
      --quick) quick=yes ;;
      --no-peers) no_peers=yes ;;
      [a-z]*) parts+=("$argument") ;;
    esac
  done
  need "${build_packages[@]}" "${demo_packages[@]}" "${kafka_packages[@]}" python3
  fetch_kafka
  if [[ $quick ]]; then
    build release "${bench_programs[@]}"
  else
    [[ $no_peers ]] || ! with_peers "${parts[@]}" || need_peers
    if ((${#parts[@]} == 0)) || [[ " ${parts[*]} " == *' stages '* ]]; then
      need "${bench_packages[@]}"
      bench_programs+=(bench-stages)
      # Once it was configured without Google Benchmark, cmake does not look for it again by itself.
      grep -qs bench-stages build/release/build.ninja ||
        step "Configuring (release)" configure-release cmake --preset release
    fi
    build release "${bench_programs[@]}"
  fi
  PYTHONPATH=tests/bench python3 -B -m runner "$@"
}

# Whether any of these parts, or of all, measures others beside pbxbridge.
with_peers() {
  (($# == 0)) || [[ " $* " =~ \ (kafka|mqtt|latency|latency-mqtt|steady|outage)\  ]]
}

# What the peers are made with. Whoever has a newer one in the PATH keeps it.
need_peers() {
  need python3-venv
  command -v node >/dev/null && command -v npm >/dev/null || need nodejs npm
  command -v go >/dev/null ||
    fail "Benthos is built with Go 1.21 or newer, and Debian 12's own is older: install it (https://go.dev/dl), or say --no-peers"
}
