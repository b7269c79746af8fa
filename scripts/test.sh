# Building and running the tests.

python_environment=.cache/python

dev_test() {
  local preset=release unit='' robustness='' with_more_brokers='' more_brokers=''
  while [[ ${1:-} =~ ^--(preset|unit|deploy|robustness|long|brokers)$ ]]; do
    case $1 in
      --preset)
        preset=${2:?--preset needs a name}
        shift
        ;;
      --unit) unit=yes ;;
      --deploy)
        test_deployment
        return
        ;;
      --brokers) with_more_brokers=yes ;;
      --robustness) robustness=${robustness:-100} ;;
      --long) robustness=500 ;;
    esac
    shift
  done
  if [[ $unit ]]; then
    build "$preset" unit_tests
    set -- -L unit "$@"
  else
    need "${build_packages[@]}" "${test_packages[@]}"
    fetch_kafka
    fetch_brokers
    fetch_axe
    if [[ $with_more_brokers ]]; then fetch_more_brokers; fi
    make_python_environment
    choose_brokers "$preset" "$more_brokers"
    build "$preset" all
    if [[ $preset != *san ]]; then build fuzz fuzz_targets; fi  # where sanitizers are the preset's own it has no fuzz tests
  fi
  rm -f "build/$preset/robustness.md"
  if [[ $robustness ]]; then
    export PBXBRIDGE_ROBUSTNESS_RUNS=$robustness
    set -- -L robustness "$@"
  fi
  # A suppression needs both stacks of a race, which a short history may have lost.
  export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.suppressions die_after_fork=0 history_size=7 ${TSAN_OPTIONS:-}"
  [[ -t 1 ]] && set -- --progress "$@"
  ctest --test-dir "build/$preset" -j "$(nproc)" --output-on-failure --no-tests=error \
    --output-log "$PWD/$log_directory/test-$preset.log" "$@"
  local status=$?
  show_robustness "$preset"
  return $status
}

# choose_brokers PRESET NAMES: which of the brokers beyond those of each run have tests; ctest knows no others.
choose_brokers() {
  configure "$1"
  grep -qxF "PBXBRIDGE_MORE_BROKERS:STRING=$2" "build/$1/CMakeCache.txt" ||
    step "Choosing brokers ($1)" "configure-$1" cmake "-DPBXBRIDGE_MORE_BROKERS=$2" "build/$1"
}

# A line for each fault that was tried, of a run that tried any.
show_robustness() {
  local rows=build/$1/robustness.md
  [[ -s $rows ]] || return 0
  sort -o "$rows" "$rows"
  sed -i '1i | Fault | Runs | Lost | Duplicates | Seconds to recover |\n| --- | ---: | ---: | ---: | ---: |' "$rows"
  say "What was done to pbxbridge, and what became of the events ($rows):"
  cat "$rows"
}

# axe-core, for the tests of the pages.
fetch_axe() { fetch_jars axe-core tests/e2e/axe/pom.xml .cache/axe; }

# Consumers and checkers written by others: the CloudEvents SDK, the schemas of Kubernetes, Home Assistant; and the way to a
# browser.
make_python_environment() {
  local requirements=tests/support/python/requirements.txt without_dependencies=tests/support/python/without-dependencies.txt
  newer_than $requirements $python_environment/.complete &&
    newer_than $without_dependencies $python_environment/.complete && return
  step "Making the Python environment" python-environment python3 -m venv --clear $python_environment
  step "Installing Python packages" python-packages $python_environment/bin/pip install --quiet -r $requirements
  step "Installing Home Assistant" python-home-assistant \
    $python_environment/bin/pip install --quiet --no-deps -r $without_dependencies
  touch $python_environment/.complete
}
