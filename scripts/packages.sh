# Debian packages that ./dev needs, one list for each purpose, and their installation: only what is missing.

build_packages=(
  g++ cmake ninja-build ccache mold pkg-config
  libboost1.81-dev libssl-dev librdkafka-dev libyaml-cpp-dev nlohmann-json3-dev libsimdjson-dev
  libpaho-mqttpp-dev libpaho-mqtt-dev librabbitmq-dev
  libcli11-dev libfmt-dev prometheus-cpp-dev librocksdb-dev liblz4-dev libxxhash-dev libjemalloc-dev libjs-dygraphs
  libgtest-dev libgmock-dev librapidcheck-dev
)
demo_packages=(mosquitto mosquitto-clients)
kafka_packages=(openjdk-17-jre-headless maven ca-certificates)
test_packages=("${demo_packages[@]}" "${kafka_packages[@]}" nats-server libnats-dev kcat prometheus python3-venv iproute2 iptables chromium tmux systemd
  docker-compose python3-yaml git)
# Packages of ./dev test --brokers; HiveMQ is started from a source file.
more_brokers_packages=(rabbitmq-server ejabberd openjdk-17-jdk-headless)
package_packages=(dpkg-dev file lintian)
deploy_packages=(debootstrap systemd-container docker.io docker-compose mosquitto python3-venv)
fuzz_packages=(clang libclang-rt-14-dev llvm)
bench_packages=(libbenchmark-dev valgrind)
lint_packages=(clang-format clang-tidy git shellcheck)

# need PACKAGE...: installs those that are missing. Without any, it asks nobody for anything.
need() {
  local installed package missing=()
  installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null) "
  for package in "$@"; do
    [[ $installed == *" installed:$package "* ]] || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  require_debian "${missing[@]}"
  become_root "${missing[@]}"
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  step "apt-get update" apt-update as_root apt-get -q update
  step "apt-get install" apt-install as_root bash scripts/apt-install "${missing[@]}"
}

require_debian() {
  local name version
  name=$(. /etc/os-release && printf '%s' "${PRETTY_NAME:-an unknown system}")
  version=$(. /etc/os-release && printf '%s %s' "${ID:-}" "${VERSION_ID:-}")
  [[ $version == "debian 12" ]] ||
    fail "this is $name, and ./dev installs for Debian 12 only. Missing are: $*. Use deploy/docker/Dockerfile, or a Debian 12 container."
}

become_root() {
  ((EUID == 0)) && return
  command -v sudo >/dev/null || fail "these Debian packages are missing, and installing them needs root or sudo: $*"
  say "Installing Debian packages needs root; sudo may ask for your password."
  sudo -v || fail "sudo was refused. As root, install these and run ./dev again: $*"
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}
