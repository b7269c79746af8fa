# MQTT brokers besides mosquitto, for the tests: Debian's, and in .cache/brokers those that tests/support/mqtt_brokers.cpp looks for.

brokers=.cache/brokers
broker_sources=tests/support/brokers

# Fetches the brokers of every run of the tests.
fetch_brokers() { fetch_jars "ActiveMQ Artemis" $broker_sources/artemis/pom.xml $brokers/artemis; }

# Fetches those of --brokers; leaves in more_brokers which there are, a list for CMake.
fetch_more_brokers() {
  more_brokers='ejabberd;rabbitmq;moquette;hivemq'
  need "${more_brokers_packages[@]}"
  fetch_jars Moquette $broker_sources/moquette/pom.xml $brokers/moquette
  fetch_jars "HiveMQ CE" $broker_sources/hivemq/pom.xml $brokers/hivemq
  if command -v npm >/dev/null; then
    fetch_aedes
    more_brokers+=';aedes'
  else
    say "There is no npm, and so no test on aedes."
  fi
  if go -C $broker_sources/go list -m >/dev/null 2>&1; then
    build_go_brokers
    more_brokers+=';mochi;nats'
  else
    say "There is no Go as new as $broker_sources/go/go.mod asks for, and so no test on mochi, and none on NATS with QoS 2."
  fi
}

# npm compares the checksums of the lock file.
fetch_aedes() {
  local source=$broker_sources/aedes target=$brokers/aedes
  newer_than $source/package-lock.json $target/.complete && return
  rm -rf $target
  mkdir -p $target
  cp $source/package.json $source/package-lock.json $target
  step "Fetching aedes" fetch-aedes three_times npm ci --prefix $target --no-audit --no-fund
  touch $target/.complete
}

# Both are Go modules: NATS as it is, mochi as the small program that its library asks for. go.sum has their checksums.
build_go_brokers() {
  local source=$broker_sources/go target=$PWD/$brokers/go
  [[ -e $target/.complete && ! $(find $source -newer "$target/.complete") ]] && return
  rm -rf "$target"
  mkdir -p "$target"
  step "Building NATS and mochi" build-go-brokers three_times env GOBIN="$target" go -C $source install ./mochi \
    github.com/nats-io/nats-server/v2
  touch "$target/.complete"
}
