# ./dev release: all that must hold before a version is tagged, one step after the other, and a table of how they ended.

release_steps=(tree lint docs tests asan tsan fuzz robustness package image deploy notes)

dev_release() {
  local only='' step ended=() failed='' incomplete=''
  if [[ ${1:-} == --only ]]; then
    only=,${2:?--only needs steps, such as lint,notes},
    shift 2
  fi
  (($# == 0)) || fail "release knows --only STEP,STEP..., not '$1'"
  for step in ${only//,/ }; do
    [[ " ${release_steps[*]} " == *" $step "* ]] || fail "there is no step '$step'; there are: ${release_steps[*]}"
  done
  mkdir -p "$log_directory"
  for step in "${release_steps[@]}"; do
    local started=$SECONDS result
    if [[ $only && $only != *,$step,* ]]; then
      result="not run: not asked for"
    else
      [[ -t 1 ]] && say "$step: $log_directory/release-$step.log"
      result=$(release_result "$step")
    fi
    case $result in
      passed*) ;;
      FAILED*) failed+=" $step" ;;
      *) incomplete+=" $step" ;;
    esac
    ended+=("| $step | $result | $(elapsed "$started") |")
  done
  printf '%s\n' "| Step | Result | Time |" "| --- | --- | ---: |" "${ended[@]}"
  release_verdict "$failed" "$incomplete"
}

# Exit codes: 0: it may be tagged, 1: something failed, 2: something was not tried.
release_verdict() {
  if [[ $1 ]]; then fail "$(program_version) is not to be tagged; failed:$1"; fi
  if [[ $2 ]]; then
    say "$(program_version) is not to be tagged yet: incomplete are$2."
    exit 2
  fi
  say "$(program_version) can be tagged: docs/guides/releasing.md says how."
}

# release_result STEP: runs it, and says how it ended, in words that begin with passed, FAILED or not run.
release_result() {
  local log=$log_directory/release-$1.log reason
  reason=$(release_hindrance "$1")
  if [[ $reason ]]; then
    say "not run: $reason"
  elif ! (release_step "$1") >"$log" 2>&1 </dev/null; then
    say "FAILED: $log"
  else
    release_success "$1" "$log"
  fi
}

# Prints what this machine lacks for the step; nothing: it can be run.
release_hindrance() {
  case $1 in
    image | deploy) (need "${deploy_packages[@]}" && find_engine) >/dev/null 2>&1 || say "no container engine answers, and none can be started here" ;;
  esac
}

release_step() {
  case $1 in
    tree) check_tree ;;
    lint) ./dev lint --all ;;
    docs) ./dev test -L docs && ./dev demo --seconds 20 ;;
    tests) ./dev test ;;
    asan | tsan) ./dev test --preset "$1" ;;
    fuzz) ./dev fuzz --minutes 10 ;;
    robustness) ./dev test --robustness ;;
    package) ./dev package deb ;;
    image) prepare_engine && build_twice build_image pbxbridge && make_image ;;
    deploy) ./dev test --deploy ;;
    notes) write_release_notes ;;
  esac
}

# A test that was skipped was not tried.
release_success() {
  local preset=release skipped
  case $1 in
    notes) say "passed: $(tail -n 1 "$2")" ;;
    tests | robustness | asan | tsan)
      [[ $1 == ?san ]] && preset=$1
      skipped=$(scripts/report-tests "$log_directory/test-$preset.log" | tail -n 2 | grep -oE '[0-9]+ skipped')
      if [[ $skipped == "0 skipped" ]]; then say "passed"; else say "not run in part: ${skipped:-unknown}, $2"; fi
      ;;
    deploy)
      skipped=$(grep -m 1 'not tried' "$2")
      if [[ ! $skipped ]]; then say "passed"; else say "not run in part: ${skipped#  }"; fi
      ;;
    *) say "passed" ;;
  esac
}

# The tree that is tested is the one that will be tagged.
check_tree() {
  local changed
  changed=$(git status --porcelain) || return 1
  [[ ! $changed ]] || fail "there are changes that are not committed: $changed"
}

# The section of CHANGELOG.md for the version, without its heading.
write_release_notes() {
  local version notes text
  version=$(program_version)
  notes=build/notes-$version.md
  text=$(awk -v version="$version" '
    /^## / { inside = index($0, "## [" version "]") == 1 || $0 == "## [Unreleased]: " version; next }
    inside' CHANGELOG.md)
  [[ $text ]] || fail "CHANGELOG.md has no section '## [$version]' or '## [Unreleased]: $version'"
  mkdir -p build
  printf '%s\n' "$text" | sed '/./,$!d' >"$notes"
  say "$notes"
}
