# Measures pbxbridge next to what people would use instead.

bench_programs=(pbxbridge pbxbridge-sim bench-events bench-kafka-reader bench-mqtt-reader)

dev_bench() {
  local argument needed what
  command -v python3 >/dev/null || need python3
  for argument in "$@"; do
    case $argument in --help | -h) bench_runner --help; exit ;; esac
  done
  # The runner knows the parts and what they need; it rejects what is no part.
  needed=$(bench_runner --needs "$@") || exit
  for what in $needed; do "bench_needs_$what"; done
  need "${build_packages[@]}" "${demo_packages[@]}" "${kafka_packages[@]}"
  fetch_kafka
  build release "${bench_programs[@]}"
  bench_runner "$@"
}

bench_runner() { PYTHONPATH=tests/bench python3 -B -m runner "$@"; }

# Needs of single parts, on top of those of all. A newer program in the PATH is used as it is.

bench_needs_python() { need python3-venv; }

bench_needs_node() { command -v node >/dev/null && command -v npm >/dev/null || need nodejs npm; }

bench_needs_go() {
  command -v go >/dev/null ||
    fail "Benthos is built with Go 1.21 or newer, and Debian 12's own is older: install it (https://go.dev/dl), or say --no-peers"
}

bench_needs_stages() {
  need "${bench_packages[@]}"
  bench_programs+=(bench-stages)
  # Once it was configured without Google Benchmark, cmake does not look for it again by itself.
  grep -qs bench-stages build/release/build.ninja ||
    step "Configuring (release)" configure-release cmake --preset release
}
