# Building and running the tests.

python_environment=.cache/python

dev_test() {
  local preset=release unit=
  while [[ ${1:-} == --preset || ${1:-} == --unit ]]; do
    if [[ $1 == --unit ]]; then
      unit=yes
      shift
    else
      preset=${2:?--preset needs a name}
      shift 2
    fi
  done
  if [[ $unit ]]; then
    build "$preset" unit_tests
    set -- -L unit "$@"
  else
    need "${build_packages[@]}" "${test_packages[@]}"
    fetch_kafka
    make_python_environment
    build "$preset" all
  fi
  [[ -t 1 ]] && set -- --progress "$@"
  ctest --test-dir "build/$preset" -j "$(nproc)" --output-on-failure --no-tests=error \
    --output-log "$PWD/$log_directory/test-$preset.log" "$@"
}

# Consumers written by others: the CloudEvents SDK.
make_python_environment() {
  local requirements=tests/support/python/requirements.txt
  newer_than $requirements $python_environment/.complete && return
  step "Making the Python environment" python-environment python3 -m venv --clear $python_environment
  step "Installing Python packages" python-packages $python_environment/bin/pip install --quiet -r $requirements
  touch $python_environment/.complete
}
